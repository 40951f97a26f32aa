"use strict";

// Elements are made from text alone: nothing that a repository says is ever read as markup.
function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
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
