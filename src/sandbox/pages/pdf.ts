/** Above this a character has no place in the encoding that every PDF reader knows, but for these. */
const BEYOND_LATIN = new Map([
  ['€', 0x80],
  ['…', 0x85],
  ['‘', 0x91],
  ['’', 0x92],
  ['“', 0x93],
  ['”', 0x94],
  ['–', 0x96],
  ['—', 0x97],
]);
const LINES_PER_PAGE = 52;

/** Lines of text as a PDF in a font of every reader, A4; a page per 52 lines. */
export function pdf(lines: string[]): Buffer {
  const pages = Array.from({ length: Math.max(1, Math.ceil(lines.length / LINES_PER_PAGE)) }, (_none, page) =>
    lines.slice(page * LINES_PER_PAGE, (page + 1) * LINES_PER_PAGE),
  );
  const kids = pages.map((_page, index) => `${4 + 2 * index} 0 R`).join(' ');
  return assemble([
    '<< /Type /Catalog /Pages 2 0 R /Lang (en) >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>',
    ...pages.flatMap((page, index) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents ${5 + 2 * index} 0 R /Resources << /Font << /F 3 0 R >> >> >>`,
      stream(`BT /F 10 Tf 14 TL 60 782 Td\n${page.map((line) => `(${escaped(line)}) Tj T*`).join('\n')}\nET`),
    ]),
  ]);
}

function stream(content: string): string {
  return `<< /Length ${content.length} >>\nstream\n${content}\nendstream`;
}

function assemble(objects: string[]): Buffer {
  let file = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const at = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const table = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  const end = `trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`;
  return Buffer.from(`${file}xref\n0 ${size}\n0000000000 65535 f \n${table}${end}`, 'latin1');
}

/** One byte per character, and nothing that ends the text. */
function escaped(line: string): string {
  return Array.from(line, (sign) => {
    const code = BEYOND_LATIN.get(sign) ?? sign.codePointAt(0) ?? 63;
    const byte = code > 255 || code < 32 ? 63 : code;
    return '()\\'.includes(sign) ? `\\${sign}` : String.fromCharCode(byte);
  }).join('');
}
