import { z } from 'zod';

const moment = z.iso.datetime({ offset: true });

/** What a person may name; at least one. */
const fields = {
  event: z.string().min(1).max(255).optional().meta({ description: 'One event, whatever became of it.' }),
  type: z.string().min(1).max(255).optional().meta({ description: 'All events of this type.' }),
  status: z.enum(['handled', 'dead', 'quarantined']).optional().meta({ description: '`dead`: all dead letters.' }),
  from: moment.optional().meta({ description: 'Received at this moment or later.' }),
  to: moment.optional().meta({ description: 'Received before this moment.' }),
  all: z.literal(true).optional().meta({ description: 'Everything that is stored: rebuilds the mirror.' }),
};

export const ReplaySelection = z
  .strictObject(fields)
  .superRefine((selection, context) => {
    const given = Object.entries(selection).flatMap(([name, value]) => (value === undefined ? [] : [name]));
    const alone = given.find((name) => name === 'event' || name === 'all');
    if (given.length === 0)
      context.addIssue({ code: 'custom', message: 'Give `event`, `all`, or any of `type`, `status`, `from`, `to`.' });
    else if (alone !== undefined && given.length > 1)
      context.addIssue({ code: 'custom', path: [alone], message: `\`${alone}\` stands alone.` });
  })
  .meta({ id: 'CreateWebhookReplay', example: { status: 'dead' } });
export type Selection = z.infer<typeof ReplaySelection>;
