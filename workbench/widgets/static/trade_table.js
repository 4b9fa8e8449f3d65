// Trades: sorted by a click on a column's name, filtered by side, outcome and text, 50 to a page.
// Every text is set as text, never read as markup.

const PAGE = 50;
const THIN_GAP = "\u202f";
const MINUS = "\u2212";
const NONE = "\u2013";
const ASCENDING = "ascending";
const DESCENDING = "descending";

const COLUMNS = [
  { key: "number", name: "#", number: true },
  { key: "side", name: "Side" },
  { key: "entry_time", name: "Entry, UTC" },
  { key: "entry_price", name: "Entry price", number: true },
  { key: "exit_time", name: "Exit, UTC" },
  { key: "exit_price", name: "Exit price", number: true },
  { key: "quantity", name: "Quantity", number: true },
  { key: "bars", name: "Bars", number: true },
  { key: "fees", name: "Fees", number: true },
  { key: "profit", name: "Profit", number: true },
  { key: "gain", name: "Return", number: true, title: "Profit by the value at entry" },
];

function make(tag, look, text) {
  const made = document.createElement(tag);
  if (look) made.className = look;
  if (text !== undefined) made.textContent = text;
  return made;
}

function number(value, places, signed) {
  if (!Number.isFinite(value)) return NONE;
  const text = Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });
  const sign = value < 0 ? MINUS : signed && value > 0 ? "+" : "";
  return sign + text.replaceAll(",", THIN_GAP);
}

function moment(milliseconds) {
  return new Date(milliseconds).toISOString().slice(0, 16).replace("T", " ");
}

// As many decimals as the column's finest value has, so that its digits stand below each other.
function decimals(values) {
  let most = 0;
  for (const value of values) {
    const text = String(value);
    const dot = text.indexOf(".");
    if (dot >= 0 && !text.includes("e")) most = Math.max(most, text.length - dot - 1);
    if (most >= 8) return 8;
  }
  return most;
}

function doubles(view) {
  return new Float64Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

// The columns of the run, and two that follow from them.
function read(sent) {
  if (!sent.side) return null;
  const columns = {};
  for (const [name, view] of Object.entries(sent)) columns[name] = doubles(view);
  const rows = columns.side.length;
  columns.number = Float64Array.from({ length: rows }, (_, row) => row + 1);
  columns.bars = columns.exit_bar.map((bar, row) => bar - columns.entry_bar[row]);
  columns.gain = columns.profit.map((profit, row) => profit / (columns.quantity[row] * columns.entry_price[row]));
  const places = {};
  for (const name of ["entry_price", "exit_price", "quantity"]) places[name] = decimals(columns[name]);
  places.entry_price = places.exit_price = Math.max(places.entry_price, places.exit_price);
  return { columns, places, rows };
}

function cellText({ columns, places }, key, row) {
  const value = columns[key][row];
  switch (key) {
    case "side": return value > 0 ? "Long" : "Short";
    case "entry_time": return moment(value);
    case "exit_time": return columns.is_open[row] ? "still open" : moment(value);
    case "fees": return number(value, 2);
    case "profit": return number(value, 2, true);
    case "gain": return `${number(value * 100, 2, true)}${THIN_GAP}%`;
    default: return number(value, places[key] ?? 0);
  }
}

function outcome({ columns }, row) {
  return columns.is_open[row] ? "open" : columns.profit[row] > 0 ? "profit" : "loss";
}

function choice(name, options) {
  const label = make("label", "wb-trades-choice", name);
  const box = make("select");
  box.setAttribute("aria-label", name); // the label's own text holds the options, too
  for (const [value, text] of options) box.append(new Option(text, value));
  label.append(box);
  return { label, box };
}

function render({ model, el }) {
  let held = null;
  let texts = [];
  let order = [];
  let page = 0;
  const sorted = { key: "number", way: ASCENDING };

  const box = make("div", "wb-trades");
  const side = choice("Side", [["", "Both"], ["1", "Long"], ["-1", "Short"]]);
  const result = choice("Outcome", [["", "All"], ["profit", "Profit"], ["loss", "Loss"], ["open", "Still open"]]);
  const words = make("label", "wb-trades-choice wb-trades-words", "Find");
  const search = make("input");
  search.type = "search";
  search.placeholder = "such as 2024-03";
  words.append(search);
  const filters = make("div", "wb-trades-filters");
  filters.append(side.label, result.label, words);

  const scroll = make("div", "wb-scroll");
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "group");
  scroll.setAttribute("aria-label", "Trades, scrolls sideways");
  const table = make("table", "wb-table wb-trades-table");
  const head = make("thead");
  const names = make("tr");
  const heads = new Map();
  for (const column of COLUMNS) {
    const cell = make("th", column.number ? "wb-number" : "");
    cell.scope = "col";
    if (column.title) cell.title = column.title;
    const sort = make("button", "wb-sort");
    sort.type = "button";
    const arrow = make("span", "wb-arrow");
    arrow.setAttribute("aria-hidden", "true");
    sort.append(make("span", "", column.name), arrow);
    sort.addEventListener("click", () => {
      sorted.way = sorted.key === column.key && sorted.way === ASCENDING ? DESCENDING : ASCENDING;
      sorted.key = column.key;
      arrange();
    });
    cell.append(sort);
    names.append(cell);
    heads.set(column.key, { cell, arrow });
  }
  head.append(names);
  const body = make("tbody");
  table.append(head, body);
  scroll.append(table);

  const foot = make("div", "wb-trades-foot");
  const told = make("p", "wb-note");
  told.setAttribute("role", "status");
  const back = make("button", "wb-trades-page", "\u2190 Earlier rows");
  const forth = make("button", "wb-trades-page", "More rows \u2192");
  for (const [made, step] of [[back, -1], [forth, 1]]) {
    made.type = "button";
    made.addEventListener("click", () => {
      page += step;
      draw();
    });
  }
  foot.append(told, back, forth);
  const note = make("p", "wb-note");
  box.append(filters, scroll, foot, note);
  el.append(box);

  // Texts are only made when somebody looks for words.
  function rowText(row) {
    texts[row] ??= [...COLUMNS.map(({ key }) => cellText(held, key, row)), outcome(held, row)].join(" ").toLowerCase();
    return texts[row];
  }

  function arrange() {
    page = 0;
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const { columns, rows } = held ?? { columns: {}, rows: 0 };
    order = [];
    for (let row = 0; row < rows; row += 1) {
      if (side.box.value && columns.side[row] !== Number(side.box.value)) continue;
      if (result.box.value && outcome(held, row) !== result.box.value) continue;
      if (!wanted.every((word) => rowText(row).includes(word))) continue;
      order.push(row);
    }
    const values = columns[sorted.key];
    const sign = sorted.way === ASCENDING ? 1 : -1;
    if (values) order.sort((one, other) => sign * (values[one] - values[other]) || one - other);
    draw();
  }

  function draw() {
    for (const [key, { cell, arrow }] of heads) {
      const here = key === sorted.key;
      if (here) cell.setAttribute("aria-sort", sorted.way);
      else cell.removeAttribute("aria-sort");
      arrow.textContent = here ? (sorted.way === ASCENDING ? "\u25b2" : "\u25bc") : "";
    }
    const first = page * PAGE;
    const shown = order.slice(first, first + PAGE);
    body.replaceChildren(...shown.map(makeRow));
    if (held && !shown.length) body.append(nothing(held.rows ? "No trade matches." : "This run made no trade."));
    told.textContent = held ? summary(first, shown.length) : "Loading\u2026";
    back.hidden = forth.hidden = order.length <= PAGE;
    back.disabled = page === 0;
    forth.disabled = first + PAGE >= order.length;
    note.textContent = model.get("note");
    note.hidden = !note.textContent;
  }

  function makeRow(row) {
    const made = make("tr");
    for (const { key, number: isNumber } of COLUMNS) {
      const cell = make(key === "number" ? "th" : "td", isNumber ? "wb-number" : "", cellText(held, key, row));
      if (key === "number") cell.scope = "row";
      if (key === "profit" || key === "gain") cell.classList.add(held.columns.profit[row] < 0 ? "wb-worse" : "wb-better");
      if (key === "entry_time") cell.replaceChildren(zoom(row, cell.textContent));
      made.append(cell);
    }
    return made;
  }

  // A trade's time leads to the trade in the chart.
  function zoom(row, text) {
    const made = make("button", "wb-trade-time", text);
    made.type = "button";
    made.title = "Show this trade in the chart";
    made.addEventListener("click", () => {
      model.set("focus", row);
      model.save_changes();
      document.querySelector(".wb-chart")?.scrollIntoView({ block: "center" });
    });
    return made;
  }

  function nothing(text) {
    const made = make("tr");
    const cell = make("td", "wb-muted", text);
    cell.colSpan = COLUMNS.length;
    made.append(cell);
    return made;
  }

  function summary(first, shown) {
    const total = (name) => order.reduce((sum, row) => sum + held.columns[name][row], 0);
    const which = order.length === held.rows ? "" : ` of ${number(held.rows, 0)}`;
    const range = shown && order.length > PAGE ? `Rows ${number(first + 1, 0)} to ${number(first + shown, 0)}. ` : "";
    return `${range}${number(order.length, 0)}${which} trades, profit ${number(total("profit"), 2, true)}, fees ${number(total("fees"), 2)}.`;
  }

  function showColumns() {
    held = read(model.get("columns"));
    texts = [];
    arrange();
  }

  for (const made of [side.box, result.box]) made.addEventListener("change", arrange);
  search.addEventListener("input", arrange);
  model.on("change:columns", showColumns);
  model.on("change:note", draw);
  showColumns();
  return () => {
    model.off("change:columns", showColumns);
    model.off("change:note", draw);
  };
}

export default { render };
