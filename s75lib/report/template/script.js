(() => {
"use strict";
const all = (where, what) => [...where.querySelectorAll(what)];
const make = (tag, words, cls) => {
  const made = document.createElement(tag);
  if (words) made.textContent = words;
  if (cls) made.className = cls;
  return made;
};
const button = (words, of, run) => {
  const made = make("button", words);
  made.type = "button";
  const unseen = make("span", " of: " + of, "s75-unseen");
  made.append(unseen);
  made.addEventListener("click", () => run(made));
  return made;
};
const save = (address, name) => {
  const link = make("a");
  link.href = address;
  link.download = name;
  link.click();
};
const said = cell => (all(cell, "img").map(image => image.alt + " ").join("") + cell.textContent).replace(/\s+/g, " ").trim();
const file = (words, ending) =>
  words.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60) + ending;

/* Tables: sorted, narrowed, folded, taken along, in the figures shown. */
const number = words => {
  const plain = words.replace(/[£%,+\s]/g, "").replace("\u2212", "-");
  const found = /^-?\d+(\.\d+)?/.exec(plain);
  return found ? Number(found[0]) : NaN;
};
const order = (a, b) => {
  const [x, y] = [number(a), number(b)];
  if (isNaN(x) || isNaN(y)) return isNaN(x) && isNaN(y) ? a.localeCompare(b, "en") : isNaN(x) ? 1 : -1;
  return x - y;
};
/* No text is a formula to a spreadsheet: after a sign only a figure is one, alone or with words behind it. */
const safe = words => /^[=+@|%\-\uff0b\uff0d\uff1d\uff20]/.test(words) &&
  !/^[+-]£?\d[\d,.]*[%km]?( [a-z(].*)?$/i.test(words) ? "'" + words : words;
const lined = (table, between) => all(table, "thead tr, tbody tr").map(row =>
  [...row.cells].map(cell => '"' + safe(said(cell)).replace(/"/g, '""') + '"').join(between)).join("\r\n");

const equip = table => {
  const title = table.caption ? said(table.caption) : "Table";
  const body = table.tBodies[0], heads = all(table, "thead th");
  const rows = all(body, "tr"), totals = rows.filter(row => row.classList.contains("s75-total"));
  const lines = rows.filter(row => !totals.includes(row));
  const tools = make("div", "", "s75-tools");
  if (lines.length > 2) heads.forEach((head, at) => {
    const sort = make("button", "", "s75-sort");
    sort.type = "button";
    sort.append(...head.childNodes);
    head.append(sort);
    sort.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      heads.forEach(other => other.removeAttribute("aria-sort"));
      const next = now === "ascending" ? "descending" : now ? "" : "ascending";
      if (next) head.setAttribute("aria-sort", next);
      const text = row => row.cells[at] ? said(row.cells[at]) : "";
      const sorted = [...lines].sort((a, b) => order(text(a), text(b)));
      if (next === "descending") sorted.reverse();
      body.append(...(next ? [...sorted, ...totals] : rows));
      fold();
    });
  });
  let whole = false;
  const more = button("", title, () => { whole = !whole; fold(); });
  const long = rows.length > 12 && !table.closest("#result-scorecard");
  const fold = () => {
    all(body, "tr").forEach((row, at) => row.classList.toggle("s75-rest",
      !whole && at >= 10 && long && !row.classList.contains("s75-total")));
    more.firstChild.data = whole ? "Show ten rows" : "Show all " + rows.length + " rows";
  };
  more.prepend("");
  if (long) tools.append(more);
  if (rows.length > 15) {
    const field = make("input"), label = make("label", "Filter ");
    field.type = "search";
    field.setAttribute("aria-label", "Filter the rows of: " + title);
    label.append(field);
    field.addEventListener("input", () => {
      const sought = field.value.toLowerCase();
      whole = whole || sought !== "";
      rows.forEach(row => row.classList.toggle("s75-out", !said(row).toLowerCase().includes(sought)));
      fold();
    });
    tools.append(label);
  }
  tools.append(
    button("Copy", title, made => {
      const told = words => () => { made.firstChild.data = words; };
      const copying = navigator.clipboard ? navigator.clipboard.writeText(lined(table, "\t")) : Promise.reject();
      copying.then(told("Copied"), told("Copying is not allowed here"));
    }),
    button("Download CSV", title, () => {
      const text = new Blob(["\ufeff" + lined(table, ",") + "\r\n"], {type: "text/csv"});
      save(URL.createObjectURL(text), file(title, ".csv"));
    }));
  fold();
  table.parentElement.after(tools);
};
all(document, ".s75-scroll > table:not(.s75-signoff, .s75-list, .s75-matrix)").forEach(equip);

/* Charts: saved as they stand; their values under the pointer and by the arrow keys. */
all(document, ".s75-picture").forEach(frame => {
  const image = frame.querySelector("img"), tools = make("div", "", "s75-tools");
  const title = frame.getAttribute("aria-label").replace("Picture: ", "");
  tools.append(
    button("Save as SVG", title, () => save(image.src, file(title, ".svg"))),
    button("Save as PNG", title, () => {
      const sheet = make("canvas"), scale = 2;
      sheet.width = image.width * scale;
      sheet.height = image.height * scale;
      const pen = sheet.getContext("2d");
      pen.fillStyle = getComputedStyle(document.body).backgroundColor;
      pen.fillRect(0, 0, sheet.width, sheet.height);
      pen.drawImage(image, 0, 0, sheet.width, sheet.height);
      save(sheet.toDataURL("image/png"), file(title, ".png"));
    }));
  frame.after(tools);
  const points = (image.dataset.points || "").split("|").filter(Boolean).map(point => {
    const [x, y, ...words] = point.split(";");
    return {x: Number(x), y: Number(y), words: words.join(";")};
  });
  if (!points.length) return;
  const tip = make("div", "", "s75-tip"), spot = make("div", "", "s75-spot");
  tip.setAttribute("role", "status");
  let at = -1;
  const show = place => {
    at = place;
    const {x, y, words} = points[at], left = image.offsetLeft + x * image.width, top = image.offsetTop + y * image.height;
    tip.textContent = words;
    frame.append(spot, tip);
    spot.style.left = left + "px";
    spot.style.top = top + "px";
    tip.style.left = Math.max(0, Math.min(left + 10, image.width - tip.offsetWidth)) + "px";
    tip.style.top = (top > 40 ? top - 34 : top + 12) + "px";
    const beyond = left - frame.clientWidth / 2;
    if (frame.scrollWidth > frame.clientWidth) frame.scrollLeft = beyond;
  };
  const hide = () => { tip.remove(); spot.remove(); };
  image.addEventListener("pointermove", event => {
    const [x, y] = [event.offsetX / image.width, event.offsetY / image.height];
    const far = points.map(point => Math.hypot((point.x - x) * image.width, (point.y - y) * image.height));
    const near = Math.min(...far);
    if (30 > near) show(far.indexOf(near)); else hide();
  });
  image.addEventListener("pointerleave", hide);
  frame.addEventListener("blur", hide);
  frame.addEventListener("keydown", event => {
    const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
    if (event.key === "Escape") hide();
    if (!step) return;
    event.preventDefault();
    show((at + step + points.length) % points.length);
  });
});

/* Contents: where the reader is; closed once a section is chosen. */
const contents = document.querySelector(".s75-contents details");
if (contents) {
  const links = all(contents, "a[href^='#']"), here = contents.querySelector(".s75-here");
  const marked = links.map(link => [link, document.getElementById(link.hash.slice(1))])
    .filter(([link, target]) => target && !link.classList.contains("s75-everything"));
  const mark = () => {
    const passed = marked.filter(([, target]) => 80 > target.getBoundingClientRect().top);
    const [now] = passed[passed.length - 1] || [];
    links.forEach(link => link.removeAttribute("aria-current"));
    if (now) now.setAttribute("aria-current", "true");
    here.textContent = now ? said(now) : "";
  };
  document.addEventListener("scroll", mark, {passive: true});
  links.forEach(link => link.addEventListener("click", () => { contents.open = false; }));
  contents.addEventListener("keydown", event => { if (event.key === "Escape") contents.open = false; });
  mark();
  const everything = contents.querySelector(".s75-everything");
  if (everything) everything.addEventListener("click", () => setTimeout(print, 100));
}

/* Print: how to read and the limits are open, all else only where everything is asked for. */
let opened = [];
addEventListener("beforeprint", () => {
  const asked = location.hash === "#everything" ? "main details:not(.s75-code), footer details" : ".s75-guide";
  opened = all(document, asked).filter(fold => !fold.open);
  opened.forEach(fold => { fold.open = true; });
});
addEventListener("afterprint", () => opened.forEach(fold => { fold.open = false; }));
})();
