// What `make check` holds scripts to, beside their types: what ESLint itself recommends, and plain modern forms.
import js from "@eslint/js";

export default [
  js.configs.recommended,
  {
    rules: {
      "no-undef": "off",   // TypeScript knows what a browser has
      "consistent-return": "error",
      "eqeqeq": "error",
      "no-shadow": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-template": "error",
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
  },
];
