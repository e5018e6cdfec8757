import { DEFAULTS } from '../billing/blank-schedule.js';
import { cancelSchedule, createSchedule, releaseSchedule, scheduleFrom, updateSchedule } from '../billing/schedules.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { list, pagingByTime } from '../list.js';
import * as p from '../params.js';
import { route } from '../route.js';
import { proration } from './subscription-fields.js';
import { billingMode, modeOf } from './subscription-values.js';
import { changedPhase, moment, phase, phaseOf, settings, settingsOf } from './subscription-schedule-phases.js';

const PATH = '/v1/subscription_schedules';
const fields = {
  end_behavior: p.oneOf('cancel', 'release'),
  metadata: p.metadata,
  default_settings: settings,
};

/** https://docs.stripe.com/api/subscription_schedules */
export const subscriptionSchedules = [
  route(
    'POST',
    PATH,
    {
      ...fields,
      phases: p.listOf(phase),
      billing_mode: billingMode,
      customer: p.text,
      from_subscription: p.text,
      start_date: moment,
    },
    (context, { from_subscription, ...params }) => {
      const { billing_mode, customer, default_settings, end_behavior, metadata, phases, start_date } = params;
      if (from_subscription !== undefined) {
        refuseOthers(params);
        return scheduleFrom(context, from_subscription);
      }
      if (customer === undefined) throw needed('customer');
      if (phases === undefined || phases.length === 0) throw needed('phases');
      return createSchedule(context, {
        customer,
        start: start_date === undefined || start_date === 'now' ? context.now : start_date,
        phases: phases.map((one, index) => phaseOf(context, one, `phases[${index}]`)),
        end_behavior: end_behavior ?? 'release',
        metadata: p.mergeMetadata({}, metadata),
        default_settings: settingsOf(context, DEFAULTS, default_settings),
        billing_mode: modeOf(billing_mode ?? { type: 'flexible' }),
      });
    },
  ),
  route(
    'GET',
    PATH,
    {
      ...pagingByTime,
      customer: p.text,
      scheduled: p.flag,
      canceled_at: p.range,
      completed_at: p.range,
      released_at: p.range,
    },
    (context, { canceled_at, completed_at, created, customer, released_at, scheduled, ...page }) =>
      list(context, 'subscription_schedule', page, {
        url: PATH,
        ...(customer !== undefined && { by: ['customer', customer] }),
        where: (schedule) =>
          p.inRange(schedule.created, created) &&
          happened(schedule.canceled_at, canceled_at) &&
          happened(schedule.completed_at, completed_at) &&
          happened(schedule.released_at, released_at) &&
          (scheduled === undefined || (schedule.status === 'not_started') === scheduled),
      }),
  ),
  route('GET', `${PATH}/:id`, {}, (context, _params, id) => find(context, 'subscription_schedule', id)),
  route(
    'POST',
    `${PATH}/:id`,
    { ...fields, phases: p.listOf(changedPhase), proration_behavior: proration.proration_behavior },
    (context, { default_settings, end_behavior, metadata, phases, proration_behavior }, id) => {
      const before = find(context, 'subscription_schedule', id);
      return updateSchedule(context, before, {
        phases: phases?.map((one, index) => phaseOf(context, one, `phases[${index}]`)),
        end_behavior: end_behavior ?? before.end_behavior,
        metadata: p.mergeMetadata(before.metadata ?? {}, metadata),
        default_settings: settingsOf(context, before.default_settings, default_settings),
        proration_behavior: proration_behavior ?? 'create_prorations',
      });
    },
  ),
  route('POST', `${PATH}/:id/cancel`, { invoice_now: p.flag, prorate: p.flag }, (context, params, id) =>
    cancelSchedule(context, find(context, 'subscription_schedule', id), params),
  ),
  route('POST', `${PATH}/:id/release`, {}, (context, _params, id) =>
    releaseSchedule(context, find(context, 'subscription_schedule', id)),
  ),
];

/** https://docs.stripe.com/api/subscription_schedules/create#create_subscription_schedule-from_subscription */
function refuseOthers(params: object): void {
  const [param] = Object.keys(params);
  if (param !== undefined) throw invalid(`You cannot set \`${param}\` if \`from_subscription\` is set.`, { param });
}

function happened(at: number | null, range: p.Range | undefined): boolean {
  return range === undefined || (at !== null && p.inRange(at, range));
}

function needed(param: string) {
  return invalid(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
}
