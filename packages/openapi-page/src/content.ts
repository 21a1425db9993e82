// What the page says: a frame around the viewer, and how the viewer is started. Both stand in files of their own, so that
// no script has to be allowed inside of the page.

/** The page itself. `below`: where its files are. */
export const html = (title: string, below: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${below}/swagger-ui.css">
</head>
<body>
<div id="document"></div>
<noscript>This page needs JavaScript to show the document.</noscript>
<script src="${below}/swagger-ui.js"></script>
<script src="${below}/page.js"></script>
</body>
</html>
`

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character] as string)

/** Starts the viewer. */
export function script(url: string, tryItOut: boolean): string {
  const options = {
    url,
    dom_id: '#document',
    deepLinking: true,
    displayRequestDuration: true,
    // A badge of a service elsewhere, which would be sent the document's address.
    validatorUrl: null,
    ...(!tryItOut && { supportedSubmitMethods: [] }),
  }
  return `SwaggerUIBundle(${JSON.stringify(options, undefined, 2)})\n`
}
