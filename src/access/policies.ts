import { Injectable } from '@nestjs/common';
import type { PoliciesFile } from './policies-file.js';

/** The rules of `config/policies.yaml`. */
@Injectable()
export class Policies {
  readonly access: PoliciesFile['access'];
  readonly answers: PoliciesFile['answers'];
  readonly dunning: PoliciesFile['dunning'];

  constructor(file: PoliciesFile) {
    this.access = file.access;
    this.answers = file.answers;
    this.dunning = file.dunning;
  }
}
