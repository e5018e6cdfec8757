import type { ReactNode } from 'react';
import { Body, Button, Container, Head, Heading, Hr, Html, Preview, Section, Text } from 'react-email';
import type { Setting } from '../template.js';

const accents = { neutral: '#3b5bdb', good: '#2b8a3e', warning: '#d9480f', serious: '#c92a2a' };

export interface LayoutProps {
  setting: Setting;
  tone: keyof typeof accents;
  title: string;
  paragraphs: string[];
  facts?: Array<[label: string, value: string] | null>;
  /** Left out when there is nowhere to send the customer. */
  button?: { label: string; url: string | null };
  closing?: string;
  /** Why it was sent; left out: because one is a customer. */
  footer?: string;
}

/** The frame of every e-mail: tables and inline styles only, so that old clients show it too. */
export function Layout({ setting, tone, title, paragraphs, facts = [], button, closing, footer }: LayoutProps) {
  const { words, brand, name } = setting;
  const shown = facts.filter((fact) => fact !== null);
  return (
    <Html lang={words.locale}>
      <Head>
        <meta name="color-scheme" content="light" />
        <meta name="supported-color-schemes" content="light" />
      </Head>
      <Preview>{paragraphs[0] ?? title}</Preview>
      <Body style={styles.page}>
        <Container style={{ ...styles.card, borderTop: `4px solid ${accents[tone]}` }}>
          <Section style={styles.inner}>
            <Text style={styles.brand}>{brand}</Text>
            <Heading as="h1" style={styles.title}>
              {title}
            </Heading>
            <Paragraph>{name ? words.say('greeting.named', { name }) : words.say('greeting.unnamed')}</Paragraph>
            {paragraphs.map((text) => (
              <Paragraph key={text}>{text}</Paragraph>
            ))}
            {shown.length > 0 && <Facts facts={shown} />}
            {button?.url && (
              <Section style={styles.action}>
                <Button href={button.url} style={{ ...styles.button, backgroundColor: accents[tone] }}>
                  {button.label}
                </Button>
              </Section>
            )}
            {closing && <Paragraph>{closing}</Paragraph>}
            <Hr style={styles.rule} />
            <Text style={styles.footer}>{footer ?? words.say('footer.why', { brand })}</Text>
          </Section>
        </Container>
      </Body>
    </Html>
  );
}

function Paragraph({ children }: { children: ReactNode }) {
  return <Text style={styles.paragraph}>{children}</Text>;
}

/** One table for all of them, so that the plain text has them in columns too. */
function Facts({ facts }: { facts: Array<[string, string]> }) {
  return (
    <Section style={styles.facts}>
      <table className="facts" role="presentation" width="100%" cellPadding={0} cellSpacing={0}>
        <tbody>
          {facts.map(([label, value]) => (
            <tr key={label}>
              <td style={styles.label}>{label}</td>
              <td style={styles.value}>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

const styles = {
  page: {
    margin: 0,
    padding: '24px 12px',
    backgroundColor: '#f1f3f5',
    color: '#212529',
    fontFamily: '-apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  },
  card: { maxWidth: '560px', margin: '0 auto', backgroundColor: '#ffffff', borderRadius: '8px' },
  inner: { padding: '28px 28px 20px' },
  brand: { margin: '0 0 20px', fontSize: '14px', lineHeight: '20px', fontWeight: 600, color: '#495057' },
  title: { margin: '0 0 20px', fontSize: '24px', lineHeight: '32px', fontWeight: 700 },
  paragraph: { margin: '0 0 16px', fontSize: '16px', lineHeight: '25px' },
  facts: { margin: '8px 0 24px', backgroundColor: '#f8f9fa', borderRadius: '6px', padding: '8px 16px' },
  label: {
    padding: '6px 12px 6px 0',
    width: '40%',
    fontSize: '14px',
    lineHeight: '20px',
    color: '#495057',
    verticalAlign: 'top',
  },
  value: { padding: '6px 0', fontSize: '14px', lineHeight: '20px', fontWeight: 600, verticalAlign: 'top' },
  action: { margin: '8px 0 24px' },
  button: {
    padding: '13px 24px',
    borderRadius: '6px',
    color: '#ffffff',
    fontSize: '16px',
    fontWeight: 600,
    textDecoration: 'none',
  },
  rule: { margin: '16px 0', borderTop: '1px solid #dee2e6' },
  footer: { margin: 0, fontSize: '13px', lineHeight: '20px', color: '#6c757d' },
} as const;
