import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { problemCodes } from './problem-codes.js';
import type { ProblemCode } from './problem-codes.js';
import { Public } from './public.js';

/** The page that a problem's `type` points to. */
@Public()
@ApiExcludeController()
@Controller()
export class ErrorsPageController {
  @Get('docs/errors')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'public, max-age=300')
  errors(): string {
    const sections = Object.entries(problemCodes).map(([code, entry]) => section(code, entry));
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Errors · Good Standing</title>
<link rel="icon" href="data:,">
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #212529; background: #f8f9fa; }
h1 { font-size: 1.5rem; margin: 0 0 0.5rem; }
a { color: #364fc7; }
h2 { font-size: 1.05rem; margin: 1.6rem 0 0.2rem; scroll-margin-top: 1rem; }
h2:target { background: #fff3bf; }
p { margin: 0.2rem 0; }
code { background: #e9ecef; padding: 0 0.25rem; border-radius: 3px; }
.status { color: #5c636a; font-weight: normal; }
</style>
</head>
<body>
<p><a href="/docs">← API</a></p>
<h1>Errors</h1>
<p>Every error is answered as <code>application/problem+json</code> (RFC 9457). Rely on <code>code</code>: it stays.
<code>retryable</code> says whether the same request can succeed later, unchanged; <code>request_id</code> finds it in the logs.</p>
${sections.join('\n')}
</body>
</html>`;
  }
}

function section(code: string, { status, title, meaning }: ProblemCode): string {
  const text = meaning.replaceAll(/`([^`]+)`/g, '<code>$1</code>');
  return `<h2 id="${code}"><a href="#${code}"><code>${code}</code></a> <span class="status">${status} · ${title}</span></h2>\n<p>${text}</p>`;
}
