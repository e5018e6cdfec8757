export interface ApiAnswer<T> {
  status: number;
  headers: Headers;
  body: T;
}

/** Speaks to the public API as a SaaS app does. */
export class ApiClient {
  constructor(
    readonly url: string,
    readonly key: string,
  ) {}

  get<T = Record<string, unknown>>(path: string, headers: Record<string, string> = {}): Promise<ApiAnswer<T>> {
    return this.request('GET', path, undefined, headers);
  }

  post<T = Record<string, unknown>>(
    path: string,
    body: object = {},
    headers: Record<string, string> = {},
  ): Promise<ApiAnswer<T>> {
    return this.request('POST', path, body, headers);
  }

  patch<T = Record<string, unknown>>(
    path: string,
    body: object,
    headers: Record<string, string> = {},
  ): Promise<ApiAnswer<T>> {
    return this.request('PATCH', path, body, headers);
  }

  delete<T = Record<string, unknown>>(path: string, headers: Record<string, string> = {}): Promise<ApiAnswer<T>> {
    return this.request('DELETE', path, undefined, headers);
  }

  private async request<T>(
    method: string,
    path: string,
    body: object | undefined,
    headers: Record<string, string>,
  ): Promise<ApiAnswer<T>> {
    const response = await fetch(new URL(path, this.url), {
      method,
      headers: { authorization: `Bearer ${this.key}`, ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as T };
  }
}
