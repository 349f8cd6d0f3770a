// For pages of a report that stand without app.js: charts hear by `synset:theme` that the system's colours changed.
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new CustomEvent("synset:theme")));
