import type { MessageKey } from '../wording.js';

export const de: Record<MessageKey, string> = {
  'greeting.named': 'Guten Tag {name},',
  'greeting.unnamed': 'Guten Tag,',
  'footer.operator': 'Sie erhalten diese E-Mail, weil Sie {brand} betreiben: ALERT_EMAIL ist Ihre Adresse.',
  'footer.why': 'Sie erhalten diese E-Mail, weil Sie Kundin oder Kunde von {brand} sind.',

  'label.amount': 'Betrag',
  'label.paid_on': 'Bezahlt am',
  'label.invoice': 'Rechnung',
  'label.order': 'Bestellung',
  'label.plan': 'Tarif',
  'label.payment_method': 'Bezahlt mit',
  'label.next_attempt': 'Nächster Versuch',
  'label.access_until': 'Zugang bis',
  'label.trial_until': 'Probezeit bis',
  'label.renews_on': 'Verlängert sich am',
  'label.ends_on': 'Endet am',
  'label.ended_on': 'Beendet am',

  'button.pay': 'Jetzt bezahlen',
  'button.invoice': 'Rechnung ansehen',
  'button.confirm': 'Zahlung bestätigen',

  'card.ending': '{brand} mit den Endziffern {last4}',

  'welcome.subject': 'Willkommen bei {plan}',
  'welcome.title': 'Willkommen bei {plan}',
  'welcome.body.active': 'Ihr Abonnement ist aktiv, und alles, was {plan} umfasst, steht für Sie bereit.',
  'welcome.body.trial':
    'Ihre Probezeit hat begonnen, und alles, was {plan} umfasst, steht für Sie bereit. Sie läuft bis zum {date}; vorher wird nichts berechnet.',

  'receipt.subject': 'Ihr Beleg über {amount}',
  'receipt.title': 'Vielen Dank für Ihre Zahlung',
  'receipt.body': 'Wir haben Ihre Zahlung über {amount} erhalten. Dies ist Ihr Beleg; Sie müssen nichts weiter tun.',

  'payment_failed.subject': 'Ihre Zahlung über {amount} ist fehlgeschlagen',
  'payment_failed.title': 'Ihre Zahlung ist fehlgeschlagen',
  'payment_failed.body':
    'Wir wollten {amount} für {plan} einziehen, und das hat nicht geklappt. Das kommt vor, wenn eine Karte abgelaufen ist, ersetzt wurde oder von der Bank gesperrt ist.',
  'payment_failed.days_left':
    '{days, plural, =0 {Ihr Zugang endet heute, wenn nicht bezahlt wird.} one {Sie behalten Ihren Zugang noch # Tag, bis zum {date}.} other {Sie behalten Ihren Zugang noch # Tage, bis zum {date}.}}',
  'payment_failed.access_over': 'Ihr Zugang ist gesperrt, bis bezahlt ist.',
  'payment_failed.retry':
    'Wir versuchen es am {date} noch einmal. Wenn Sie vorher bezahlen, müssen Sie nichts weiter tun.',
  'payment_failed.no_retry':
    'Von uns aus versuchen wir es nicht noch einmal: Bitte bezahlen Sie auf einem anderen Weg.',

  'payment_reminder.subject':
    '{days, plural, =0 {Ihr Zugang zu {plan} endet heute} one {Ihr Zugang zu {plan} endet morgen} other {Ihr Zugang zu {plan} endet in # Tagen}}',
  'payment_reminder.title':
    '{days, plural, =0 {Ihr Zugang endet heute} one {Ihr Zugang endet morgen} other {Ihr Zugang endet in # Tagen}}',
  'payment_reminder.body':
    'Ihre Zahlung über {amount} für {plan} ist noch offen. Bitte bezahlen Sie bis zum {date}, damit Sie ohne Unterbrechung weiterarbeiten können.',

  'action_required.subject': 'Bitte bestätigen Sie Ihre Zahlung über {amount}',
  'action_required.title': 'Bitte bestätigen Sie Ihre Zahlung',
  'action_required.body':
    'Ihre Bank bittet Sie, Ihre Zahlung über {amount} für {plan} zu bestätigen. Das dauert eine Minute, und erst danach ist die Zahlung abgeschlossen.',

  'access_lost.subject': 'Ihr Zugang zu {plan} ist gesperrt',
  'access_lost.title': 'Ihr Zugang ist gesperrt',
  'access_lost.body.payment':
    'Ihre Zahlung über {amount} für {plan} ist noch offen, deshalb ist Ihr Zugang gesperrt. Ihre Daten sind sicher: Sobald bezahlt ist, machen Sie dort weiter, wo Sie aufgehört haben.',
  'access_lost.body.other': 'Ihr Abonnement von {plan} gibt Ihnen keinen Zugang mehr. Ihre Daten sind sicher.',

  'access_restored.subject': 'Ihr Zugang zu {plan} ist wieder da',
  'access_restored.title': 'Ihr Zugang ist wieder da',
  'access_restored.body': 'Alles, was {plan} umfasst, steht wieder für Sie bereit. Vielen Dank!',

  'subscription_canceled.subject': 'Ihr Abonnement von {plan} ist beendet',
  'subscription_canceled.title': 'Ihr Abonnement ist beendet',
  'subscription_canceled.body.requested': 'Ihr Abonnement von {plan} wurde gekündigt. Es verlängert sich nicht mehr.',
  'subscription_canceled.body.unpaid':
    'Ihr Abonnement von {plan} wurde beendet, weil die letzte Zahlung nicht eingezogen werden konnte. Es verlängert sich nicht mehr.',
  'subscription_canceled.back': 'Sie sind jederzeit wieder willkommen.',

  'alert.subject.raised': 'Alarm: {title}',
  'alert.subject.resolved': 'Vorbei: {title}',
  'alert.over': 'Das ist seit {moment} vorbei.',
  'alert.title.dead_letters': 'Aufgegebenes wartet',
  'alert.title.lag': 'Arbeit staut sich',
  'alert.title.silence': 'Stripe schweigt',
  'alert.title.signature_failures': 'falsche Signaturen',
  'alert.title.reconciliation': 'ungewöhnlich viele Abweichungen von Stripe',

  'cancellation_scheduled.subject': 'Ihr Abonnement von {plan} endet am {date}',
  'cancellation_scheduled.title': 'Ihre Kündigung ist vermerkt',
  'cancellation_scheduled.body':
    'Ihr Abonnement von {plan} endet am {date} und verlängert sich nicht mehr. Bis dahin können Sie alles wie bisher nutzen, und Sie können es sich noch anders überlegen.',
};
