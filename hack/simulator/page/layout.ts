/** The frame of every page, and the headers that keep it to itself. */
import { createHash } from 'node:crypto';
import type { ApiResponse, World } from '../world.ts';
import { type Content, Html, html } from './html.ts';
import { timeOf } from './parts.ts';

/** System colours: light and dark, and high contrast, as the person has chosen. */
const STYLE = `
:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5; }
body { margin: 0 auto; padding: 0 1rem 2rem; max-width: 75rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; list-style: none; margin: 0; padding: 0; }
a[aria-current] { font-weight: bold; text-decoration: none; }
.skip { position: absolute; left: -100vw; }
.skip:focus { position: static; }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; min-width: 100%; }
caption { font-weight: bold; text-align: left; padding: .25rem 0; }
th, td { border-bottom: 1px solid GrayText; padding: .25rem .75rem .25rem 0; text-align: left; vertical-align: top; overflow-wrap: anywhere; min-width: 4rem; }
label { display: block; }
input, select, button { font: inherit; max-width: 100%; box-sizing: border-box; }
form p { margin: .5rem 0; }
form.row, .row form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; }
.message { border-left: .3rem solid Highlight; padding-left: .75rem; }
:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
`;

/** Nothing but this page's own style and forms to where it came from. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': POLICY,
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

const PAGES = [
  ['/', 'Customers'],
  ['/page/journal', 'Journal'],
  ['/page/violations', 'Violations'],
  ['/page/faults', 'Faults'],
  ['/page/clock', 'Clock'],
] as const;

export interface Page {
  readonly title: string;
  /** Path of the page in the navigation that it belongs to. */
  readonly path: string;
  readonly content: Content;
  /** What came of the form before. */
  readonly message?: string | undefined;
  readonly status?: number;
}

export function page(
  world: World,
  { title, path, content, message, status = 200 }: Page,
): ApiResponse {
  const links = PAGES.map(([href, text]) => {
    const current = href === path ? html` aria-current="page"` : undefined;
    return html`<li><a href="${href}"${current}>${text}</a></li>`;
  });
  const told =
    message === undefined
      ? undefined
      : html`<p class="message" role="${status < 400 ? 'status' : 'alert'}">${message}</p>`;
  const body = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · simulated Microsoft cloud</title><style>${new Html(STYLE)}</style></head><body>
<a class="skip" href="#main">Skip to the content</a>
<header><p>Simulated Microsoft cloud, ${timeOf(world.clock.nowMs())} UTC. Nothing here is real and nothing costs money.</p>
<nav aria-label="Pages"><ul>${links}</ul></nav></header>
<main id="main" tabindex="-1"><h1>${title}</h1>
${told}${content}</main></body></html>
`;
  return { status, headers: HEADERS, body: body.text };
}
