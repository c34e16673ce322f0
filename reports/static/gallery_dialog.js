"use strict";
// One pair, large: its outputs side by side and, by keys, in place of each other; its sound; all its scores.
AdisGallery.Dialog = class {
  // `go(step)` asks for the next pair in the list's order, `closed()` tells that the reader is done.
  constructor(data, dialog, {go, closed}) {
    this.data = data;
    this.dialog = dialog;
    this.go = go;
    this.i = -1;
    this.chosen = "";
    const part = (name) => dialog.querySelector(`[data-part=${name}]`);
    this.parts = Object.fromEntries(["title", "id", "place", "stage", "tiles", "sound", "scores", "told"].map((name) => [name, part(name)]));
    this.parts.stage.addEventListener("error", (event) => event.target.closest(".g-pic")?.classList.add("g-broken"), true);
    this.parts.tiles.addEventListener("click", (event) => {
      const tile = event.target.closest("[data-method]");
      if (tile) this.flip(tile.dataset.method);
    });
    for (const [name, step] of [["previous", -1], ["next", 1]]) part(name).addEventListener("click", () => go(step));
    part("close").addEventListener("click", () => dialog.close());
    // Keys go on working after a click with the mouse: a pressed button would take the space key.
    dialog.addEventListener("click", (event) => {
      if (event.detail && event.target.closest("button")) this.parts.stage.focus({preventScroll: true});
      if (event.target === dialog) dialog.close();
    });
    dialog.addEventListener("close", () => {
      this.player()?.pause();
      closed();
    });
    dialog.addEventListener("keydown", (event) => this.key(event));
  }

  get open() { return this.dialog.open; }

  player() { return this.parts.sound.querySelector("audio"); }

  // Show a pair; `place` is its place in the list and `total` the list's length, -1 where the filters leave it out.
  show(i, state, place, total) {
    const {data, parts} = this;
    this.i = i;
    this.state = state;
    this.shown = ["", ...state.methods];
    if (!this.shown.includes(this.chosen) || !this.chosen) this.chosen = state.methods[0] ?? "";
    parts.title.textContent = parts.title.title = data.title(i);
    parts.id.textContent = data.ids[i];
    parts.place.textContent = place < 0 ? "outside of the filters" : `${(place + 1).toLocaleString("en")} of ${total.toLocaleString("en")}`;
    this.fillStage();
    this.fillTiles();
    this.fillSound();
    this.fillScores();
    this.flip(this.chosen, true);
    if (!this.dialog.open) {
      this.dialog.showModal();
      this.dialog.scrollTop = 0;
      parts.stage.focus({preventScroll: true});
    }
    parts.told.textContent = `${data.title(i)}, ${parts.place.textContent}`;
  }

  close() { if (this.dialog.open) this.dialog.close(); }

  picture(method) {
    const {data, i} = this;
    const cell = method ? data.cellOf(method) : data.sourceCell;
    const gap = data.gap(i, cell);
    if (gap) return AdisGallery.element("div", "g-pic g-gap", gap);
    const full = data.full[i];
    const alt = method ? `output of ${method}` : `source image, ${data.source(i)}`;
    return AdisGallery.cell(full || data.strips[i], cell, data.cells, full ? data.resolution : data.side, alt);
  }

  // All pictures lie on top of each other, decoded: flipping takes one frame.
  fillStage() {
    this.layers = new Map(this.shown.map((method) => [method, this.picture(method)]));
    this.parts.stage.querySelector(".g-layers").replaceChildren(...this.layers.values());
  }

  fillTiles() {
    const {element} = AdisGallery;
    this.parts.tiles.replaceChildren(...this.shown.map((method, place) => {
      const tile = element("button", "g-tile");
      tile.type = "button";
      tile.dataset.method = method;
      const caption = element("span", "g-caption");
      if (place < 10) caption.append(element("kbd", "", String(place)));
      caption.append(this.name(method), element("span", "g-score", this.score(method)));
      tile.append(this.picture(method), caption);
      return tile;
    }));
  }

  name(method) {
    return AdisGallery.name(method || "source", method ? this.data.methods[this.data.placeOfMethod.get(method)] : null);
  }

  score(method, metric = this.state.metric) {
    if (!method) return this.data.source(this.i);
    const known = this.data.metrics[this.data.placeOfMetric.get(metric)];
    if (!known) return "";
    const value = this.data.value(this.i, method, metric);
    return value === null ? this.data.whyNoScore(this.i, method, metric) : AdisGallery.format(value, known.digits);
  }

  fillSound() {
    const {element} = AdisGallery;
    const {data, i} = this;
    const sound = data.sounds[data.sound[i]];
    if (!sound) return this.parts.sound.replaceChildren(element("div", "g-gap", "sound missing"));
    const [url, spectrogram, seconds, highest] = sound;
    const picture = document.createElement("img");
    picture.src = spectrogram;
    picture.alt = `spectrogram of the target sound, ${data.target(i)}`;
    const audio = document.createElement("audio");
    audio.controls = true;
    audio.preload = "none";
    audio.src = url;
    audio.setAttribute("aria-label", `target sound: ${data.target(i)}`);
    const caption = element("figcaption", "small", `target sound: ${data.target(i)}, ${seconds.toFixed(1)} s, to ${Math.round(highest / 1000)} kHz`);
    return this.parts.sound.replaceChildren(picture, audio, caption);
  }

  fillScores() {
    const {element} = AdisGallery;
    const {data} = this;
    const head = element("tr");
    const cell = (name, scope, text) => {
      const made = element(name, "", text);
      if (scope) made.scope = scope;
      return made;
    };
    head.append(cell("th", "col", "Method"), ...data.metrics.map((metric) => {
      const made = cell("th", "col", `${metric.name} ${metric.higher ? "\u2191" : "\u2193"}${metric.failure ? " \u26a0" : ""}`);
      made.title = metric.failure ? `fails: ${metric.failure}` : metric.about;
      return made;
    }));
    const rows = data.methods.map((method) => {
      const row = element("tr");
      row.dataset.method = method.label;
      const name = cell("th", "row");
      name.append(AdisGallery.name(method.label, method));
      row.append(name, ...data.metrics.map((metric) => {
        const missing = data.value(this.i, method.label, metric.name) === null;
        return element("td", missing ? "g-none" : "", this.score(method.label, metric.name));
      }));
      return row;
    });
    const thead = element("thead");
    const tbody = element("tbody");
    thead.append(head);
    tbody.append(...rows);
    this.parts.scores.replaceChildren(thead, tbody);
  }

  // Show a method in the large picture; "" is the source.
  flip(method, quiet) {
    this.chosen = method;
    for (const [label, layer] of this.layers) layer.hidden = label !== method;
    for (const tile of this.parts.tiles.children) tile.setAttribute("aria-pressed", tile.dataset.method === method);
    for (const row of this.parts.scores.querySelectorAll("tbody tr")) row.classList.toggle("g-chosen", row.dataset.method === method);
    this.parts.stage.querySelector("figcaption").replaceChildren(this.name(method), AdisGallery.element("span", "g-score", this.words(method)));
    if (!quiet) this.parts.told.textContent = `${method || "source"}: ${this.words(method)}`;
  }

  words(method) {
    return method && this.state.metric ? `${this.state.metric} ${this.score(method)}` : this.score(method);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("audio")) return;
    const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    // A wide table scrolls by these keys, too.
    if (step && !event.target.closest(".scroll")) {
      event.preventDefault();
      this.go(step);
    } else if (/^[0-9]$/.test(event.key) && this.shown[Number(event.key)] !== undefined) {
      this.flip(this.shown[Number(event.key)]);
    } else if (event.key === " " && !event.target.closest("button, a, summary")) {
      event.preventDefault();
      const player = this.player();
      if (player?.paused) {
        player.currentTime = 0;
        player.play().catch(() => null);
      } else player?.pause();
    }
  }
};
