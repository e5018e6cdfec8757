import { Failure } from '../errors/failure.js';

export class FeatureNotFound extends Failure {
  readonly code = 'feature_not_found';
  readonly status = 404;
  constructor(feature: string, known: Iterable<string>) {
    super(`There is no feature '${feature}'; the catalogue has ${[...known].join(', ')}.`);
  }
}
