import { registerHooks } from 'node:module';

const project = new URL('../../', import.meta.url).href;

// The simulator runs as it is written, the house as it is built: `./x.js` means `./x.ts`, and `src/` and `config/` mean what
// `nest build` has made of them.
registerHooks({
  resolve(specifier, context, next) {
    if (!specifier.startsWith('.') || !specifier.endsWith('.js') || !context.parentURL?.startsWith(`${project}test/`))
      return next(specifier, context);
    const path = new URL(specifier, context.parentURL).href.slice(project.length);
    if (path.startsWith('src/') || path.startsWith('config/')) return next(`${project}dist/${path}`, context);
    return next(`${specifier.slice(0, -3)}.ts`, context);
  },
});
