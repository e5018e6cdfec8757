import { SetMetadata } from '@nestjs/common';

export const PUBLIC = Symbol('public');

/** Marks a controller or a route that is served without an API key. */
export const Public = () => SetMetadata(PUBLIC, true);
