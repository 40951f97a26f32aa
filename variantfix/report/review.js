"use strict";
(() => {
  const units = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const results = ["changed", "clean", "foreign", "found", "refused", "failed"];
  const height = 52;
  const store = `variantfix-review:${location.pathname}`;
  const marks = new Map(readMarks());
  const wanted = { result: "", rule: "", mark: "", text: "" };
  let shown = [];
  let at = 0;

  // Elements are made from text alone: nothing that a repository says is ever read as markup.
  function make(tag, className, text) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  }

  function readMarks() {
    try {
      const known = new Set(units.map((unit) => unit.unit));
      return JSON.parse(localStorage.getItem(store) || "[]").filter(([name]) => known.has(name));
    } catch {
      return [];
    }
  }

  function keepMarks() {
    try {
      localStorage.setItem(store, JSON.stringify([...marks]));
    } catch {
      // A page opened from a file may have no storage; the marks last as long as the page.
    }
  }

  function matches(unit) {
    if (wanted.result && unit.result !== wanted.result) return false;
    if (wanted.rule && !unit.findings.some((finding) => finding.rule === wanted.rule)) return false;
    if (wanted.mark && (marks.get(unit.unit) || "none") !== wanted.mark) return false;
    return !wanted.text || haystack(unit).includes(wanted.text);
  }

  function haystack(unit) {
    const said = unit.findings.map((finding) => `${finding.rule} ${finding.message} ${finding.remedy}`);
    return [unit.unit, unit.error, unit.verdict, unit.diff, ...said].join("\n").toLowerCase();
  }

  function filter() {
    const current = shown[at];
    shown = units.filter(matches);
    at = Math.max(0, shown.indexOf(current));
    $("rows").style.height = `${shown.length * height}px`;
    $("accept-shown").textContent = `Accept all shown (${shown.filter((unit) => unit.diff).length})`;
    drawResults();
    scrollTo(at);
    drawRows();
    drawDetail();
  }

  function drawResults() {
    const box = $("results");
    const focused = document.activeElement?.dataset?.result;
    box.replaceChildren(chip("", units.length, "units"));
    for (const result of results) {
      const count = units.filter((unit) => unit.result === result).length;
      if (count) box.append(chip(result, count, result));
    }
    if (focused !== undefined) box.querySelector(`[data-result="${focused}"]`)?.focus();
  }

  function chip(result, count, label) {
    const button = make("button", `chip ${result}`);
    button.type = "button";
    button.dataset.result = result;
    button.setAttribute("aria-pressed", String(wanted.result === result));
    if (result) button.append(make("span", "dot"));
    button.append(make("b", "", count.toLocaleString("en")), label);
    button.onclick = () => {
      wanted.result = result;
      filter();
    };
    return button;
  }

  function drawRows() {
    const list = $("list");
    const first = Math.max(0, Math.floor(list.scrollTop / height) - 5);
    const last = Math.min(shown.length, Math.ceil((list.scrollTop + list.clientHeight) / height) + 5);
    $("rows").replaceChildren(...shown.slice(first, last).map((unit, offset) => row(unit, first + offset)));
    if (!shown.length) $("rows").append(make("p", "nothing", "No unit is like that."));
    list.setAttribute("aria-activedescendant", shown.length ? `unit-${at}` : "");
  }

  function row(unit, place) {
    const box = make("div", `row ${unit.result}`);
    box.id = `unit-${place}`;
    box.title = unit.unit;
    box.setAttribute("role", "option");
    box.setAttribute("aria-selected", String(place === at));
    box.style.top = `${place * height}px`;
    const name = make("div", "name");
    name.append(make("bdi", "", unit.unit));
    box.append(make("span", "dot"), name, make("div", "about", about(unit)), markOf(unit));
    box.onclick = () => {
      go(place);
      document.body.dataset.view = "detail";
    };
    return box;
  }

  function about(unit) {
    const parts = [];
    if (unit.repaired) parts.push(`${unit.repaired} repaired`);
    if (unit.remaining) parts.push(`${unit.remaining} remaining`);
    if (unit.error) parts.push(unit.error);
    return parts.join(" · ") || unit.result;
  }

  function markOf(unit) {
    const mark = marks.get(unit.unit) || "";
    const sign = make("span", `mark ${mark}`, { accept: "✓", skip: "✕" }[mark] || "");
    if (mark) sign.setAttribute("aria-label", { accept: "accepted", skip: "skipped" }[mark]);
    return sign;
  }

  function drawDetail() {
    const box = $("detail");
    const unit = shown[at];
    box.scrollTop = 0;
    if (!unit) {
      box.replaceChildren(make("p", "nothing", "Nothing to show."));
      return;
    }
    const parts = [make("h2", "", unit.unit), actions(unit)];
    if (unit.error) parts.push(make("p", "note error", unit.error));
    if (unit.verdict) parts.push(make("p", "note", unit.verdict));
    if (unit.findings.length) parts.push(findings(unit));
    parts.push(...files(unit.diff));
    if (!unit.diff && !unit.error && !unit.findings.length) parts.push(make("p", "nothing", "Nothing to repair."));
    box.replaceChildren(...parts);
  }

  function actions(unit) {
    const bar = make("div", "bar");
    const back = make("button", "", "← List");
    back.id = "back";
    back.onclick = () => showList();
    bar.append(back, make("span", `badge ${unit.result}`, unit.result));
    if (unit.commit) bar.append(make("code", "", unit.commit.slice(0, 12)));
    bar.append(make("span", "", `${(at + 1).toLocaleString("en")} of ${shown.length.toLocaleString("en")}`), make("span", "grow"));
    if (unit.result === "refused") bar.append(make("span", "", "read and turned down: nothing was written"));
    for (const [mark, label] of unit.diff ? [["accept", "Accept"], ["skip", "Skip"]] : []) {
      const button = make("button", "", label);
      button.dataset.mark = mark;
      button.setAttribute("aria-pressed", String(marks.get(unit.unit) === mark));
      button.onclick = () => setMark(marks.get(unit.unit) === mark ? "" : mark);
      bar.append(button);
    }
    return bar;
  }

  function findings(unit) {
    const list = make("ul", "findings");
    for (const finding of unit.findings) {
      const item = make("li");
      item.append(
        make("span", `state ${finding.repaired ? "done" : "left"}`, finding.repaired ? "repaired" : "remaining"),
        make("span", "rule", finding.rule),
        ` ${finding.severity} `,
        make("span", "where", `${finding.file}:${finding.line}`),
        make("div", "", finding.message),
      );
      if (finding.remedy) item.append(make("div", "remedy", finding.remedy));
      item.append(make("div", "page", `variantfix explain ${finding.rule}`));
      list.append(item);
    }
    return list;
  }

  function files(diff) {
    const boxes = [];
    let table = null;
    let old = 0;
    let now = 0;
    const lines = diff.split("\n");
    if (lines.at(-1) === "") lines.pop();
    for (let place = 0; place < lines.length; place += 1) {
      const line = lines[place];
      const next = lines[place + 1] || "";
      if (line.startsWith("diff --git ") || line.startsWith("index ")) continue;
      const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(line);
      if (line.startsWith("--- ") && next.startsWith("+++ ")) {
        table = make("table");
        const file = make("section", "file");
        const scroll = make("div", "diff");
        scroll.append(table);
        file.append(make("h3", "", next.slice(4).replace(/^b\//, "").trimEnd()), scroll);
        boxes.push(file);
        place += 1;
      } else if (!table) {
        continue;
      } else if (hunk) {
        [old, now] = [Number(hunk[1]), Number(hunk[2])];
        table.append(diffLine("hunk", "", "", "", line));
      } else if (line.startsWith("-")) {
        const pair = next.startsWith("+") && !(lines[place - 1] || "").startsWith("-") && !(lines[place + 2] || "").startsWith("+");
        const [before, after] = pair ? difference(line.slice(1), next.slice(1)) : [[line.slice(1)], null];
        table.append(diffLine("del", old++, "", "−", ...before));
        if (pair) {
          table.append(diffLine("add", "", now++, "+", ...after));
          place += 1;
        }
      } else if (line.startsWith("+")) {
        table.append(diffLine("add", "", now++, "+", line.slice(1)));
      } else if (line.startsWith("\\")) {
        table.append(diffLine("meta", "", "", "", line.slice(2)));
      } else {
        table.append(diffLine("", old++, now++, "", line.slice(1)));
      }
    }
    return boxes;
  }

  // What two lines have in common at both ends stays plain; what is between is marked.
  function difference(before, after) {
    let start = 0;
    const most = Math.min(before.length, after.length);
    while (start < most && before[start] === after[start]) start += 1;
    let end = 0;
    while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
    return [before, after].map((line) => {
      const middle = line.slice(start, line.length - end);
      return [line.slice(0, start), middle ? make("mark", "", middle) : "", end ? line.slice(-end) : ""];
    });
  }

  function diffLine(kind, old, now, sign, ...content) {
    const line = make("tr", kind);
    const text = make("td", "text");
    text.append(...content);
    line.append(make("td", "no", old), make("td", "no", now), make("td", "sign", sign), text);
    return line;
  }

  function go(place) {
    at = Math.max(0, Math.min(shown.length - 1, place));
    scrollTo(at);
    drawRows();
    drawDetail();
  }

  function scrollTo(place) {
    const list = $("list");
    const top = place * height;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + height > list.scrollTop + list.clientHeight) list.scrollTop = top + height - list.clientHeight;
  }

  function showList() {
    document.body.dataset.view = "list";
    drawRows();
    scrollTo(at);
  }

  function setMark(mark) {
    const unit = shown[at];
    if (!unit) return;
    if (mark) marks.set(unit.unit, mark);
    else marks.delete(unit.unit);
    marked();
    // Under a filter by mark the unit may have left the list, and the next one stands in its place.
    if (wanted.mark) filterAt(at);
    else if (mark) go(at + 1);
    else go(at);
  }

  function filterAt(place) {
    shown = units.filter(matches);
    $("rows").style.height = `${shown.length * height}px`;
    go(place);
  }

  function marked() {
    keepMarks();
    const count = [...marks.values()].filter((mark) => mark === "accept").length;
    $("export").textContent = `Export accepted (${count.toLocaleString("en")})`;
    $("export").disabled = !count;
  }

  function exportAccepted() {
    const names = units.map((unit) => unit.unit).filter((name) => marks.get(name) === "accept");
    if (!names.length) return;
    const link = make("a");
    link.href = URL.createObjectURL(new Blob([`${names.join("\n")}\n`], { type: "text/plain" }));
    link.download = "accepted.txt";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  const keys = {
    j: () => go(at + 1),
    k: () => go(at - 1),
    ArrowDown: () => go(at + 1),
    ArrowUp: () => go(at - 1),
    Enter: () => {
      document.body.dataset.view = "detail";
    },
    a: () => setMark("accept"),
    s: () => setMark("skip"),
    u: () => setMark(""),
    e: () => exportAccepted(),
    "/": () => {
      showList();
      $("search").focus();
    },
    "?": () => $("help").showModal(),
    Escape: () => showList(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || $("help").open) return;
    const field = event.target.closest?.("input, select");
    if (field) {
      if (event.key === "Escape" || (event.key === "Enter" && field === $("search"))) $("list").focus();
      return;
    }
    if (event.key === "Enter" && event.target.closest?.("button")) return;
    const act = keys[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });

  function listen(id, key, name) {
    $(id).addEventListener(name, () => {
      wanted[key] = $(id).value.trim().toLowerCase();
      filter();
    });
  }

  const rules = [...new Set(units.flatMap((unit) => unit.findings.map((finding) => finding.rule)))].sort();
  for (const rule of rules) {
    const count = units.filter((unit) => unit.findings.some((finding) => finding.rule === rule)).length;
    const option = make("option", "", `${rule} (${count.toLocaleString("en")})`);
    option.value = rule;
    $("rule").append(option);
  }
  listen("search", "text", "input");
  listen("rule", "rule", "change");
  listen("marked", "mark", "change");
  $("list").addEventListener("scroll", drawRows, { passive: true });
  window.addEventListener("resize", drawRows);
  $("help-button").onclick = () => $("help").showModal();
  $("export").onclick = exportAccepted;
  $("accept-shown").onclick = () => {
    for (const unit of shown) if (unit.diff && !marks.has(unit.unit)) marks.set(unit.unit, "accept");
    marked();
    filter();
  };
  document.body.dataset.view = "list";
  marked();
  filter();
  $("list").focus();
})();
