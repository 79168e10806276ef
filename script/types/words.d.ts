/** What the catalogue of words (`/words/`) brings; see Django's JavaScriptCatalog. */
declare function gettext(text: string): string;
declare function ngettext(one: string, many: string, count: number): string;
declare function pgettext(context: string, text: string): string;
declare function interpolate(text: string, values: object, named?: boolean): string;
