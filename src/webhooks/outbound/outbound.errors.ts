import { Failure } from '../../errors/failure.js';

/** Nothing is sent to an endpoint that is disabled; enable it first. */
export class WebhookEndpointDisabled extends Failure {
  readonly code = 'webhook_endpoint_disabled';
  readonly status = 409;
  constructor(id: string) {
    super(`The webhook endpoint '${id}' is disabled. Enable it (PATCH, "status": "enabled"), then send again.`);
  }
}
