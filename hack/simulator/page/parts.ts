/** What the pages are made of: tables, fields, forms, times. */
import { type Content, type Html, html } from './html.ts';

/** Scrolls by itself where it is too wide; by keyboard too, hence the tab stop and the name. */
export function table(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly Content[])[],
): Html {
  if (rows.length === 0) return html`<p>${caption}: none.</p>`;
  return html`<div class="wide" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([first, ...others]) =>
      html`<tr><th scope="row">${first}</th>${others.map((cell) => html`<td>${cell}</td>`)}</tr>\n`,
  )}</tbody></table></div>`;
}

/** Sends to `action` and comes back to a page. */
export function form(action: string, label: string, contents: Content): Html {
  return html`<form method="post" action="${action}" aria-label="${label}">${contents}</form>`;
}

export function button(text: string): Html {
  return html`<button type="submit">${text}</button>`;
}

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly value?: string | undefined;
  readonly hint?: string;
  readonly type?: 'text' | 'number';
}

/** `for` and `id` tie label and field; the page's forms have names of their own, so ids carry the form's. */
export function field(inForm: string, { name, label, value, hint, type = 'text' }: Field): Html {
  const id = `${inForm}-${name}`;
  const described = hint === undefined ? undefined : html` aria-describedby="${id}-hint"`;
  return html`<p><label for="${id}">${label}</label>
<input id="${id}" name="${name}" type="${type}" value="${value ?? ''}"${type === 'number' ? html` step="any"` : undefined}${described}>${
    hint === undefined ? undefined : html` <small id="${id}-hint">${hint}</small>`
  }</p>`;
}

export interface Choice {
  readonly name: string;
  readonly label: string;
  readonly chosen?: string | undefined;
  /** Value and text. */
  readonly options: readonly (readonly [value: string, text: string])[];
}

export function choice(inForm: string, { name, label, options, chosen }: Choice): Html {
  const id = `${inForm}-${name}`;
  return html`<p><label for="${id}">${label}</label>
<select id="${id}" name="${name}">${options.map(
    ([value, text]) =>
      html`<option value="${value}"${value === chosen ? html` selected` : undefined}>${text}</option>`,
  )}</select></p>`;
}

/** Simulated time to the minute, in UTC. */
export function timeOf(ms: number): Html {
  const iso = new Date(ms).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')}</time>`;
}
