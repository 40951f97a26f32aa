(() => {
  const $ = (id) => document.getElementById(id);
  const [about, units, rulePages] = ["about-data", "data", "rules-data"].map((id) => JSON.parse($(id).textContent));
  const isDry = about.mood === "dry run";
  const repaired = isDry ? "would be repaired" : "repaired";
  const { meanings, words } = about; // of results: what each means, and what it is called where its name is short
  const height = 52;
  const store = `variantfix-review:${location.pathname}`;
  const marks = new Map(readMarks());
  const wanted = { result: "", rule: "", mark: "", text: "" };
  let shown = [];
  let at = 0;

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
    for (const result of Object.keys(meanings)) {
      const count = units.filter((unit) => unit.result === result).length;
      if (count) box.append(chip(result, count, words[result] || result));
    }
    if (focused !== undefined) box.querySelector(`[data-result="${focused}"]`)?.focus();
  }

  function chip(result, count, label) {
    const button = make("button", `chip ${result}`);
    button.type = "button";
    button.dataset.result = result;
    button.title = meanings[result] || "";
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
    box.append(make("span", "dot"), name, make("div", "about", summary(unit)), markOf(unit));
    box.onclick = () => {
      go(place);
      document.body.dataset.view = "detail";
    };
    return box;
  }

  function summary(unit) {
    const parts = [];
    if (unit.repaired) parts.push(`${unit.repaired} ${repaired}`);
    if (unit.remaining) parts.push(`${unit.remaining} ${unit.result === "found" ? "found" : "left"}`);
    if (unit.error) parts.push(unit.error);
    return parts.join(" · ") || words[unit.result] || unit.result;
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
    if (!unit.diff) parts.push(make("p", "meaning", meanings[unit.result]));
    if (unit.error) parts.push(make("p", "note error", unit.error));
    if (unit.verdict) parts.push(make("p", "note", unit.verdict));
    if (unit.findings.length) parts.push(findings(unit));
    parts.push(...files(unit.diff));
    box.replaceChildren(...parts);
  }

  function actions(unit) {
    const bar = make("div", "bar");
    const back = make("button", "", "← List");
    back.id = "back";
    back.onclick = () => showList();
    bar.append(back, make("span", `badge ${unit.result}`, words[unit.result] || unit.result));
    if (unit.commit) bar.append(make("code", "", unit.commit.slice(0, 12)));
    bar.append(make("span", "", `${(at + 1).toLocaleString("en")} of ${shown.length.toLocaleString("en")}`), make("span", "grow"));
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
      const isDone = finding.status === "repaired";
      item.append(
        make("span", `state ${finding.status}`, isDone ? repaired : finding.status === "ignored" ? "ignored" : "left"),
        make("span", `severity ${finding.severity}`, finding.severity),
        " ",
        rule(finding.rule),
        " ",
        make("span", "where", `${finding.file}:${finding.line}`),
        make("div", "", finding.message),
      );
      if (finding.remedy) item.append(make("div", "remedy", `${isDone ? "fix" : "to do"}: ${finding.remedy}`));
      list.append(item);
    }
    return list;
  }

  // A rule's name, which opens its page.
  function rule(name) {
    const button = make("button", "rule", name);
    button.type = "button";
    button.title = `variantfix explain ${name}`;
    button.disabled = !rulePages[name];
    button.onclick = () => {
      const dialog = $("rule-page");
      const known = rulePages[name];
      dialog.querySelector("h2").textContent = name;
      dialog.querySelector("pre").textContent = `Severity: ${known.severity}. Fix: ${known.remedy}.\n\n${known.page}`;
      dialog.showModal();
      dialog.scrollTop = 0;
    };
    return button;
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
    if (mark && !unit.diff) return go(at + 1); // where nothing is changed, there is nothing to accept
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
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
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
  const [madeBy, command] = [make("span", "", `variantfix ${about.version}, begun ${about.begun}: `), make("code", "", about.command)];
  $("about").append(...(about.mood ? [make("b", "", about.mood), " · "] : []), madeBy, command);
  for (const [result, meaning] of Object.entries(meanings)) {
    $("meanings").append(make("dt", "", words[result] || result), make("dd", "", meaning));
  }
  for (const id of ["accept-shown", "export", "marked"]) $(id).hidden = !units.some((unit) => unit.diff);
  document.body.dataset.view = "list";
  marked();
  filter();
  $("list").focus();
})();
