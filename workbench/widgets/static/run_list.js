// The runs: a search box, and a list to choose from and to compare with.
// Every text is set as text, never read as markup.

const DELAY_MS = 200;
const PAGE = 50;

function make(tag, look, text) {
  const made = document.createElement(tag);
  if (look) made.className = look;
  if (text !== undefined) made.textContent = text;
  return made;
}

function button(look, text, press) {
  const made = make("button", look, text);
  made.type = "button";
  made.addEventListener("click", press);
  return made;
}

function line(look, ...parts) {
  const made = make("span", `wb-run-line ${look}`);
  made.append(...parts);
  return made;
}

function tell(model, name, value) {
  model.set(name, value);
  model.save_changes();
}

function makeRow(model, run) {
  const row = make("li", "wb-run");
  const pick = button("wb-run-pick", undefined, () => tell(model, "chosen", run.id));
  const label = run.simulated ? [make("span", "wb-simulated", "SIMULATED")] : [];
  pick.append(
    line("", make("b", "", run.name), make("span", "", run.market), make("span", run.is_loss ? "wb-worse" : "wb-better", run.gain)),
    line("wb-muted", make("span", "", run.params), make("span", "", run.sharpe)),
    line("wb-run-when wb-muted", make("span", "", run.when), ...label),
  );
  const compare = button("wb-run-against", "Compare", () => {
    tell(model, "against", model.get("against") === run.id ? "" : run.id);
  });
  compare.setAttribute("aria-label", `Compare with ${run.name} ${run.market} ${run.params}`);
  row.append(pick, compare);
  return { row, pick, compare, told: JSON.stringify(run) };
}

// The page's address names the run, so that it can be kept and sent. Not in JupyterLab, whose address is its own.
function address(id) {
  const path = window.location.pathname;
  if (!path.endsWith("/report.ipynb") || /\/(lab|notebooks|tree|doc|edit)\//.test(path)) return;
  const url = new URL(window.location.href);
  url.searchParams.set("id", id);
  window.history.replaceState(window.history.state, "", url);
}

function render({ model, el }) {
  const box = make("div", "wb-runs");
  const search = make("input", "wb-runs-search");
  search.type = "search";
  search.placeholder = "Search runs";
  search.setAttribute("aria-label", "Search runs by strategy, pair, parameter or date");
  search.value = model.get("query");
  const told = make("p", "wb-note");
  told.setAttribute("role", "status");
  const list = make("ul", "wb-runs-list");
  const more = button("wb-runs-more", "Show more", () => tell(model, "limit", model.get("limit") + PAGE));
  box.append(search, told, list, more);
  el.append(box);

  let timer;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => tell(model, "query", search.value), DELAY_MS);
  });

  // A row stays the same element while its run stays the same, so that whoever is on it keeps the focus.
  const rows = new Map();
  function showRows() {
    const wanted = model.get("rows");
    const ids = new Set(wanted.map((run) => run.id));
    for (const [id, made] of rows) {
      if (!ids.has(id)) {
        made.row.remove();
        rows.delete(id);
      }
    }
    wanted.forEach((run, place) => {
      const text = JSON.stringify(run);
      let made = rows.get(run.id);
      if (made && made.told !== text) {
        made.row.remove();
        made = undefined;
      }
      if (!made) rows.set(run.id, (made = makeRow(model, run)));
      if (list.children[place] !== made.row) list.insertBefore(made.row, list.children[place] ?? null);
    });
    more.hidden = wanted.length >= model.get("total");
    mark();
  }
  function mark() {
    const chosen = model.get("chosen");
    const against = model.get("against");
    for (const [id, made] of rows) {
      made.row.toggleAttribute("aria-current", id === chosen);
      if (id === chosen) made.row.setAttribute("aria-current", "true");
      made.pick.setAttribute("aria-pressed", String(id === chosen));
      made.compare.hidden = id === chosen;
      made.compare.setAttribute("aria-pressed", String(id === against));
      made.compare.textContent = id === against ? "Compared" : "Compare";
    }
  }
  function showTold() {
    told.textContent = model.get("told");
  }
  function chosen() {
    mark();
    if (model.get("chosen")) address(model.get("chosen"));
  }
  const watched = { "change:rows": showRows, "change:total": showRows, "change:told": showTold, "change:chosen": chosen, "change:against": mark };
  for (const [name, react] of Object.entries(watched)) model.on(name, react);
  showTold();
  showRows();
  return () => {
    clearTimeout(timer);
    for (const [name, react] of Object.entries(watched)) model.off(name, react);
  };
}

export default { render };
