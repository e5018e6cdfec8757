/** The words of all e-mails in English, in ICU message syntax. Every other language has the same keys. */
export const en = {
  'greeting.named': 'Hello {name},',
  'greeting.unnamed': 'Hello,',
  'footer.operator': 'You receive this e-mail because you run {brand}: ALERT_EMAIL is your address.',
  'footer.why': 'You receive this e-mail because you are a customer of {brand}.',

  'label.amount': 'Amount',
  'label.paid_on': 'Paid on',
  'label.invoice': 'Invoice',
  'label.order': 'Order',
  'label.plan': 'Plan',
  'label.payment_method': 'Paid with',
  'label.next_attempt': 'Next attempt',
  'label.access_until': 'Access until',
  'label.trial_until': 'Trial until',
  'label.renews_on': 'Renews on',
  'label.ends_on': 'Ends on',
  'label.ended_on': 'Ended on',

  'button.pay': 'Pay now',
  'button.invoice': 'View invoice',
  'button.confirm': 'Confirm payment',

  'card.ending': '{brand} ending in {last4}',

  'welcome.subject': 'Welcome to {plan}',
  'welcome.title': 'Welcome to {plan}',
  'welcome.body.active': 'Your subscription is active and everything in {plan} is ready for you to use.',
  'welcome.body.trial':
    'Your trial has started and everything in {plan} is ready for you to use. It runs until {date}; before that nothing is charged.',

  'receipt.subject': 'Your receipt for {amount}',
  'receipt.title': 'Thank you for your payment',
  'receipt.body': 'We have received your payment of {amount}. This is your receipt; there is nothing left to do.',

  'payment_failed.subject': 'Your payment of {amount} did not go through',
  'payment_failed.title': 'Your payment did not go through',
  'payment_failed.body':
    'We tried to collect {amount} for {plan}, and it did not work. This happens when a card has expired, has been replaced, or is blocked by the bank.',
  'payment_failed.days_left':
    '{days, plural, =0 {Your access ends today unless it is paid.} one {You keep your access for # more day, until {date}.} other {You keep your access for # more days, until {date}.}}',
  'payment_failed.access_over': 'Your access has been paused until it is paid.',
  'payment_failed.retry': 'We will try again on {date}. If you pay before, there is nothing else to do.',
  'payment_failed.no_retry': 'We will not try again on our own: please pay with another payment method.',

  'payment_reminder.subject':
    '{days, plural, =0 {Your access to {plan} ends today} one {Your access to {plan} ends tomorrow} other {Your access to {plan} ends in # days}}',
  'payment_reminder.title':
    '{days, plural, =0 {Your access ends today} one {Your access ends tomorrow} other {Your access ends in # days}}',
  'payment_reminder.body':
    'Your payment of {amount} for {plan} is still open. Please pay it by {date}, so that you can go on without interruption.',

  'action_required.subject': 'Please confirm your payment of {amount}',
  'action_required.title': 'Please confirm your payment',
  'action_required.body':
    'Your bank asks you to confirm your payment of {amount} for {plan}. It takes a minute, and the payment is only complete when you have done it.',

  'access_lost.subject': 'Your access to {plan} has been paused',
  'access_lost.title': 'Your access has been paused',
  'access_lost.body.payment':
    'Your payment of {amount} for {plan} is still open, so your access has been paused. Your data is safe: as soon as it is paid, you can go on where you left off.',
  'access_lost.body.other': 'Your subscription to {plan} no longer gives you access. Your data is safe.',

  'access_restored.subject': 'Your access to {plan} is back',
  'access_restored.title': 'Your access is back',
  'access_restored.body': 'Everything in {plan} is ready for you again. Thank you!',

  'subscription_canceled.subject': 'Your subscription to {plan} has ended',
  'subscription_canceled.title': 'Your subscription has ended',
  'subscription_canceled.body.requested': 'Your subscription to {plan} has been canceled. It will not renew.',
  'subscription_canceled.body.unpaid':
    'Your subscription to {plan} has been canceled because its last payment could not be collected. It will not renew.',
  'subscription_canceled.back': 'You are welcome back at any time.',

  'alert.subject.raised': 'Alert: {title}',
  'alert.subject.resolved': 'Over: {title}',
  'alert.over': 'This is over since {moment}.',
  'alert.title.dead_letters': 'dead letters',
  'alert.title.lag': 'work is waiting',
  'alert.title.silence': 'Stripe is silent',
  'alert.title.signature_failures': 'bad signatures',
  'alert.title.reconciliation': 'unusual differences from Stripe',

  'cancellation_scheduled.subject': 'Your subscription to {plan} ends on {date}',
  'cancellation_scheduled.title': 'Your cancellation is noted',
  'cancellation_scheduled.body':
    'Your subscription to {plan} ends on {date} and will not renew. Until then you can use everything as before, and you can change your mind.',
} as const;
