"use strict";
const text = cell => cell.dataset.value ?? cell.textContent.trim();
const number = cell => { const found = parseFloat(text(cell)); return Number.isNaN(found) ? -Infinity : found; };
const words = new Intl.Collator(undefined, {numeric: true});
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const numeric = head.classList.contains("count");
      const value = numeric ? number : text;
      const order = numeric ? (a, b) => (a < b ? -1 : Number(a > b)) : words.compare;
      const keyed = [...body.rows].map(row => [value(row.cells[at]), row]);
      keyed.sort((a, b) => (down ? order(b[0], a[0]) : order(a[0], b[0])));
      body.replaceChildren(...keyed.map(pair => pair[1]));
    });
  });
}
const search = document.getElementById("search");
const found = document.getElementById("found");
const people = [...document.querySelectorAll("#students tbody tr")].map(row => [row.textContent.toLowerCase(), row]);
search.parentElement.hidden = false;
search.addEventListener("input", () => {
  const wanted = search.value.trim().toLowerCase();
  let shown = 0;
  for (const [said, row] of people) {
    row.hidden = !said.includes(wanted);
    shown += !row.hidden;
  }
  found.textContent = wanted ? `${shown} of ${people.length} shown` : "";
  document.getElementById("nobody").hidden = shown > 0 || !wanted;
});
