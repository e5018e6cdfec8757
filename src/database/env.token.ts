/** Injects the process's settings: `constructor(@Inject(ENV) private readonly env: Runtime)`. */
export const ENV = Symbol('ENV');
