// What a step has to give, as sentences. Run with: node --test tests/site/
import assert from "node:assert/strict";
import { test } from "node:test";
import { frameCode } from "../../generator/raftstep/assets/share.js";

test("a title in embed code stays a title, whatever signs it has", () => {
  const code = frameCode("https://example.org/?a=1&b=2#step-1", 'Say "hi" onload="pwn(1)" & <b>x</b>');

  assert.match(code, /^<iframe src="[^"<>]*" title="[^"<>]*" loading="lazy" [^<>]*><\/iframe>$/);
  assert.ok(code.includes("title=\"Say &#34;hi&#34; onload=&#34;pwn(1)&#34; &#38; &#60;b&#62;x&#60;/b&#62;\""));
});
