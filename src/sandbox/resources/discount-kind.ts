import * as p from '../params.js';

export const discounts = p.listOf(p.hash({ coupon: p.text, promotion_code: p.text, discount: p.text }));
