/** Swagger UI without its maker's bar, and with colours whose white letters can be read (4.5 : 1, WCAG AA). */
export const docsStyle = `
.swagger-ui .topbar { display: none; }
.swagger-ui .opblock.opblock-get .opblock-summary-method { background: #1864ab; }
.swagger-ui .opblock.opblock-post .opblock-summary-method { background: #1b7446; }
.swagger-ui .opblock.opblock-patch .opblock-summary-method { background: #0b7285; }
.swagger-ui .opblock.opblock-delete .opblock-summary-method { background: #c92a2a; }
.swagger-ui .btn.authorize { color: #1b7446; border-color: #1b7446; }
.swagger-ui .btn.authorize svg { fill: #1b7446; }
/* The API documents no links. */
.swagger-ui .response-col_links { display: none; }
@media (max-width: 640px) {
  .swagger-ui .opblock-tag { flex-wrap: wrap; }
  .swagger-ui .opblock-tag small { flex-basis: 100%; order: 1; padding: 0; }
}
`;
