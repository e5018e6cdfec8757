/** One IPv4 address, however a URL may spell it: what parsers, resolvers and translators make the same machine of. */
export function disguises([a, b, c, d]: [number, number, number, number]): string[] {
  const octets = [a, b, c, d];
  const plain = octets.join('.');
  const whole = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
  const [high, low] = [hex(a * 256 + b), hex(c * 256 + d)];
  return [
    plain,
    `${plain}.`,
    // Fewer parts, as inet_aton takes them.
    `${a}.${b}.${c * 256 + d}`,
    `${a}.${b * 2 ** 16 + c * 2 ** 8 + d}`,
    String(whole),
    // Other bases, each part its own.
    `0x${hex(whole)}`,
    `0X${hex(whole).toUpperCase()}`,
    `0x00000000${hex(whole)}`,
    `0${whole.toString(8)}`,
    `000000${whole.toString(8)}`,
    octets.map((octet) => `0x${hex(octet)}`).join('.'),
    octets.map((octet) => `0x00${hex(octet)}`).join('.'),
    octets.map((octet) => `0${octet.toString(8)}`).join('.'),
    octets.map((octet) => `000${octet.toString(8)}`).join('.'),
    `0x${hex(a)}.${b}.0${c.toString(8)}.${d}`,
    `0x${hex(a)}.${b * 2 ** 16 + c * 2 ** 8 + d}`,
    `0${a.toString(8)}.${b}.${c * 256 + d}`,
    // Percent-encoding, and characters that IDNA makes digits and dots of, or drops.
    plain.replaceAll(/./g, (character) => `%${hex(character.charCodeAt(0))}`),
    plain.replaceAll('.', '%2e'),
    plain.replaceAll('.', '。'),
    plain.replaceAll('.', '．'),
    plain.replaceAll('.', '｡'),
    shifted(plain, 0xff10),
    shifted(plain, 0x1d7ce),
    shifted(plain, 0x1d7f6),
    plain.replaceAll(/\d/g, (digit) => CIRCLED[Number(digit)] ?? digit),
    plain.replace('.', '\u00AD.'),
    plain.replace('.', '\u200B.'),
    plain.replace('.', '\u2060.'),
    // What URL parsers leave out.
    plain.replace('.', '\t.'),
    plain.replace('.', '\n.'),
    // IPv4 inside IPv6: mapped, compatible, translated (NAT64, SIIT), tunnelled (6to4, Teredo, ISATAP).
    `[::ffff:${plain}]`,
    `[::ffff:${high}:${low}]`,
    `[::FFFF:${high.toUpperCase()}:${low.toUpperCase()}]`,
    `[0:0:0:0:0:ffff:${plain}]`,
    `[0000:0000:0000:0000:0000:ffff:${high.padStart(4, '0')}:${low.padStart(4, '0')}]`,
    `[::${plain}]`,
    `[::${high}:${low}]`,
    `[::ffff:0:${plain}]`,
    `[64:ff9b::${plain}]`,
    `[64:ff9b:1::${high}:${low}]`,
    `[2002:${high}:${low}::1]`,
    `[2001:0:${high}:${low}::1]`,
    `[2001::${hex(0xffff - (a * 256 + b))}:${hex(0xffff - (c * 256 + d))}]`,
    `[fe80::5efe:${plain}]`,
  ];
}

const CIRCLED = ['⓪', '①', '②', '③', '④', '⑤', '⑥', '⑦', '⑧', '⑨'];

function hex(number: number): string {
  return number.toString(16);
}

/** Digits of another alphabet that Unicode holds for the same. */
function shifted(text: string, zero: number): string {
  return text.replaceAll(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));
}
