"use strict";
// The gallery's data, what is asked of them (sorting, filters, the opened pair), and its form in the page's address.
const AdisGallery = {};

AdisGallery.MINUS = "\u2212";

// A score as text; a rounded zero has no sign.
AdisGallery.format = (value, digits, signed) => {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return (value < 0 ? AdisGallery.MINUS : signed ? "+" : "") + text;
};

AdisGallery.count = (n, what) => `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;

// A new element with a class and a text: texts of data never become markup.
AdisGallery.element = (name, className, text) => {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
};

// One cell of a strip: the whole strip, shifted, in a box that cuts it off. Half a pixel goes on each side, since the
// browser's smoothing would mix it with the neighbouring cell's.
AdisGallery.cell = (url, place, cells, side, alt, later) => {
  const box = AdisGallery.element("div", "g-pic");
  const image = document.createElement("img");
  const zoom = 1 + 1 / side;
  image.decoding = "async";
  image.alt = alt;
  image.draggable = false;
  image.style.width = `${100 * cells * zoom}%`;
  image.style.height = `${100 * zoom}%`;
  image.style.left = `${-100 * place * zoom - 50 * (zoom - 1)}%`;
  image.style.top = `${-50 * (zoom - 1)}%`;
  AdisGallery.load(image, url, later);
  box.append(image);
  return box;
};

// Let a picture come now or, for a list that rushes by, once it is slow again.
AdisGallery.load = (image, url, later) => {
  if (later) image.dataset.url = url;
  else image.src = url;
};

AdisGallery.Data = class {
  constructor(json) {
    Object.assign(this, json);
    this.length = this.ids.length;
    this.placeOfId = new Map(this.ids.map((id, place) => [id, place]));
    this.placeOfMethod = new Map(this.methods.map((method, place) => [method.label, place]));
    this.placeOfMetric = new Map(this.metrics.map((metric, place) => [metric.name, place]));
    // Lower case once: searching thousands of pairs at every key stroke stays quick.
    this.searched = this.ids.map((id, i) => `${id} ${this.source(i)} ${this.target(i)}`.toLowerCase());
    const asked = this.methods.filter((method) => !method.control);
    this.usual = (asked.length ? asked : this.methods).map((method) => method.label);
  }

  source(i) { return this.classes[this.sources[i]]; }
  target(i) { return this.classes[this.targets[i]]; }
  title(i) { return `${this.source(i)} \u2192 ${this.target(i)}`; }

  value(i, method, metric) {
    const column = this.scores[this.placeOfMetric.get(metric)]?.[this.placeOfMethod.get(method)];
    return column === undefined ? null : column[i];
  }

  whyNoScore(i, method, metric) {
    const reason = this.why[this.placeOfMetric.get(metric)]?.[this.placeOfMethod.get(method)]?.[i];
    return reason === undefined ? "not scored" : this.reasons[reason];
  }

  // Why a picture is not there; empty where it is.
  gap(i, cell) {
    const reason = this.gaps[i]?.[cell];
    return reason === undefined ? "" : this.reasons[reason];
  }

  cellOf(method) { return this.sourceCell + 1 + this.placeOfMethod.get(method); }

  get cells() { return this.methods.length + 1; }

  defaults() {
    return {metric: this.metrics[0]?.name ?? "", by: "", minus: "", up: false, source: "", target: "", text: "", methods: this.usual, pair: ""};
  }
};

// What the sorting goes by, or null.
AdisGallery.sortKey = (data, state, i) => {
  const first = data.value(i, state.by, state.metric);
  if (first === null || !state.minus) return first;
  const second = data.value(i, state.minus, state.metric);
  return second === null ? null : first - second;
};

// The places of the pairs that pass the filters, in their order, and how many have no score to sort by; these come last.
AdisGallery.arrange = (data, state) => {
  const words = state.text.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (i) => (!state.source || data.source(i) === state.source) && (!state.target || data.target(i) === state.target)
    && words.every((word) => data.searched[i].includes(word));
  const places = [];
  for (let i = 0; i < data.length; i += 1) if (fits(i)) places.push(i);
  if (!state.by) return {places, unscored: 0};
  const keys = new Map(places.map((i) => [i, AdisGallery.sortKey(data, state, i)]));
  const scored = places.filter((i) => keys.get(i) !== null);
  const sign = state.up ? 1 : -1;
  scored.sort((a, b) => sign * (keys.get(a) - keys.get(b)) || a - b);
  return {places: scored.concat(places.filter((i) => keys.get(i) === null)), unscored: places.length - scored.length};
};

// The state in a fragment; what is as usual is left out. Empty for the usual state.
AdisGallery.toFragment = (data, state) => {
  const usual = data.defaults();
  const wanted = new URLSearchParams();
  if (state.pair) wanted.append("pair", state.pair);
  for (const name of ["metric", "by", "minus", "source", "target", "text"]) if (state[name] !== usual[name]) wanted.append(name, state[name]);
  if (state.up) wanted.append("order", "lowest");
  if (state.methods.join("\n") !== usual.methods.join("\n")) for (const label of state.methods.length ? state.methods : [""]) wanted.append("method", label);
  const text = wanted.toString();
  return text ? `#${text}` : "";
};

// The state that a fragment names and what in it this report doesn't have; null for an anchor of the page.
AdisGallery.fromFragment = (data, fragment) => {
  if (fragment.length > 1 && !fragment.includes("=")) return null;
  const given = new URLSearchParams(fragment.slice(1));
  const state = data.defaults();
  const unknown = [];
  const take = (name, known) => {
    const value = given.get(name);
    if (value === null) return;
    if (value === "" || known(value)) state[name] = value;
    else unknown.push(`${name} \u201c${value}\u201d`);
  };
  take("pair", (id) => data.placeOfId.has(id));
  take("metric", (name) => data.placeOfMetric.has(name));
  take("by", (label) => data.placeOfMethod.has(label));
  take("minus", (label) => data.placeOfMethod.has(label));
  take("source", (name) => data.classes.includes(name));
  take("target", (name) => data.classes.includes(name));
  take("text", () => true);
  state.up = given.get("order") === "lowest";
  if (given.has("method")) {
    const asked = new Set(given.getAll("method"));
    state.methods = data.methods.map((method) => method.label).filter((label) => asked.has(label));
    for (const label of asked) if (label && !data.placeOfMethod.has(label)) unknown.push(`method \u201c${label}\u201d`);
  }
  if (!state.by) state.minus = "";
  return {state, unknown};
};
