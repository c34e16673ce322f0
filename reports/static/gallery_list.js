"use strict";
// The list of pairs: only rows in view exist. All rows have one height, measured once for a width, so that the scrollbar is right.
AdisGallery.List = class {
  constructor(data, scroller, items) {
    this.data = data;
    this.scroller = scroller;
    this.items = items;
    this.rows = new Map();
    this.places = [];
    this.height = 0;
    this.waiting = false;
    this.playing = -1;
    this.top = 0;
    this.fast = false;
    scroller.addEventListener("scroll", () => this.later(), {passive: true});
    // Pictures that don't come say so, also those of a report that was sent around without its folder.
    items.addEventListener("error", (event) => event.target.closest?.(".g-pic")?.classList.add("g-broken"), true);
    let width = scroller.clientWidth;
    new ResizeObserver(() => {
      if (scroller.clientWidth === width) return this.later();
      width = scroller.clientWidth;
      const first = this.height ? scroller.scrollTop / this.height : 0;
      const focused = items.contains(document.activeElement) ? Number(document.activeElement.closest(".g-row").dataset.pair) : -1;
      this.relayout();
      scroller.scrollTop = this.top = first * this.height;
      // At once, or a frame would be empty.
      this.render();
      if (focused >= 0) this.rows.get(this.placeOf.get(focused))?.querySelector(".g-open").focus({preventScroll: true});
      return undefined;
    }).observe(scroller);
  }

  later() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.render();
    });
  }

  // Show these pairs under this state, from the top or, where only captions change, from where the reader is.
  show(places, state, keepPlace) {
    this.places = places;
    this.placeOf = new Map(places.map((i, place) => [i, place]));
    this.state = state;
    this.relayout();
    if (!keepPlace) this.scroller.scrollTop = this.top = 0;
    this.render();
  }

  relayout() {
    for (const row of this.rows.values()) row.remove();
    this.rows.clear();
    this.fit();
    if (this.places.length) {
      const row = this.row(0);
      this.items.append(row);
      this.height = row.offsetHeight;
      row.remove();
    }
    this.items.style.height = `${this.places.length * this.height}px`;
  }

  // Few methods get larger pictures, up to twice as many pixels as there are. On a phone small ones stand in lines of like length.
  fit() {
    const tiles = 2 + (this.state?.methods.length ?? 0);
    const most = Math.min(192, Math.max(112, 2 * this.data.side));
    const width = this.scroller.clientWidth;
    if (width < 540) {
      const lines = Math.ceil(tiles / Math.max(1, Math.floor(width / (50 + 12))));
      this.items.style.setProperty("--tile", `${Math.floor(Math.min(most, width / Math.ceil(tiles / lines) - 12))}px`);
      return;
    }
    const fair = width / tiles - 12;
    this.items.style.setProperty("--tile", `${Math.round(Math.min(most, Math.max(96, fair)))}px`);
  }

  // A list that moves by a quarter of its window in a frame can't be looked at: its pictures wait until it is slower.
  pace(top, seen) {
    this.fast = Math.abs(top - this.top) > seen / 4;
    this.top = top;
    clearTimeout(this.calm);
    this.calm = setTimeout(() => {
      this.fast = false;
      for (const image of this.items.querySelectorAll("img[data-url]")) {
        image.src = image.dataset.url;
        delete image.dataset.url;
      }
    }, 80);
  }

  render() {
    if (!this.height) return;
    const top = this.scroller.scrollTop;
    const seen = this.scroller.clientHeight;
    this.pace(top, seen);
    // A screenful beyond each edge: pictures are there when they come into view, and Tab finds the next row.
    const first = Math.max(0, Math.floor((top - seen / 2) / this.height));
    const last = Math.min(this.places.length, Math.ceil((top + 1.5 * seen) / this.height));
    for (const [place, row] of this.rows) {
      if ((place < first || place >= last) && !row.contains(document.activeElement)) {
        row.remove();
        this.rows.delete(place);
      }
    }
    for (let place = first; place < last; place += 1) {
      if (this.rows.has(place)) continue;
      const row = this.row(place);
      this.rows.set(place, row);
      // In order, so that Tab and screen readers go down the list.
      this.items.insertBefore(row, this.next(place));
    }
  }

  next(place) {
    let found = null;
    let least = Infinity;
    for (const [other, row] of this.rows) {
      if (other > place && other < least) [found, least] = [row, other];
    }
    return found;
  }

  // Bring a pair into view, and its button into focus where asked for.
  reveal(i, focus) {
    const place = this.placeOf.get(i);
    if (place === undefined) return;
    const top = place * this.height;
    const below = top + this.height - this.scroller.clientHeight;
    if (this.scroller.scrollTop > top || this.scroller.scrollTop < below) this.scroller.scrollTop = Math.max(0, top - (this.scroller.clientHeight - this.height) / 2);
    this.render();
    if (focus) this.rows.get(place)?.querySelector(".g-open").focus({preventScroll: true});
  }

  // Mark the rows whose sound is heard; -1 where none is.
  setPlaying(sound) {
    this.playing = sound;
    for (const button of this.items.querySelectorAll(".g-play")) button.setAttribute("aria-pressed", Number(button.dataset.sound) === sound);
  }

  row(place) {
    const {element} = AdisGallery;
    const i = this.places[place];
    const row = element("li", "g-row");
    row.dataset.pair = i;
    row.setAttribute("aria-posinset", place + 1);
    row.setAttribute("aria-setsize", this.places.length);
    row.style.transform = `translateY(${place * this.height}px)`;
    const head = element("div", "g-head");
    const open = element("button", "g-open", this.data.title(i));
    open.type = "button";
    open.title = `${this.data.title(i)}: look closer`;
    const id = element("span", "g-id", this.data.ids[i]);
    id.title = this.data.ids[i];
    head.append(open, id);
    if (this.state.by && this.state.minus) head.append(this.key(i));
    const tiles = element("div", "g-tiles");
    tiles.append(this.tile(i, this.data.sourceCell, "source", "", null), this.sound(i));
    for (const label of this.state.methods) tiles.append(this.output(i, label));
    row.append(head, tiles);
    return row;
  }

  // The difference that the list is sorted by.
  key(i) {
    const {state, data} = this;
    const value = AdisGallery.sortKey(data, state, i);
    const digits = data.metrics[data.placeOfMetric.get(state.metric)].digits;
    const text = value === null ? "no difference" : AdisGallery.format(value, digits, true);
    // The number first: a long name is cut off.
    const key = AdisGallery.element("span", "g-key", `${text} ${state.by} ${AdisGallery.MINUS} ${state.minus}`);
    key.title = key.textContent;
    return key;
  }

  output(i, label) {
    const {state, data} = this;
    const value = data.value(i, label, state.metric);
    const metric = data.metrics[data.placeOfMetric.get(state.metric)];
    const score = !metric ? "" : value === null ? data.whyNoScore(i, label, state.metric) : AdisGallery.format(value, metric.digits);
    return this.tile(i, data.cellOf(label), label, score, data.methods[data.placeOfMethod.get(label)], value === null);
  }

  tile(i, cell, label, score, method, unscored) {
    const {element} = AdisGallery;
    const tile = element("figure", "g-tile");
    const gap = this.data.gap(i, cell);
    const what = method ? `output of ${label}` : `source image, ${this.data.source(i)}`;
    if (gap) tile.append(element("div", "g-pic g-gap", gap));
    else tile.append(AdisGallery.cell(this.data.strips[i], cell, this.data.cells, this.data.side, what, this.fast));
    tile.dataset.method = method ? label : "";
    const caption = element("figcaption");
    caption.append(AdisGallery.name(label, method));
    if (score || method) caption.append(element("span", unscored ? "g-score g-none" : "g-score", score));
    else caption.append(element("span", "g-score", this.data.source(i)));
    caption.title = `${label} ${caption.lastChild.textContent}`;
    tile.append(caption);
    return tile;
  }

  sound(i) {
    const {element} = AdisGallery;
    const tile = element("figure", "g-tile g-sound");
    const sound = this.data.sounds[this.data.sound[i]];
    if (sound) {
      const play = element("button", "g-pic g-play");
      play.type = "button";
      play.dataset.sound = this.data.sound[i];
      play.setAttribute("aria-label", `Play the sound: ${this.data.target(i)}`);
      play.setAttribute("aria-pressed", this.data.sound[i] === this.playing);
      const picture = document.createElement("img");
      picture.alt = "";
      picture.decoding = "async";
      AdisGallery.load(picture, sound[1], this.fast);
      play.append(picture, element("span", "g-icon"));
      tile.append(play);
    } else tile.append(element("div", "g-pic g-gap", "sound missing"));
    const caption = element("figcaption");
    caption.append(AdisGallery.name("sound", null), element("span", "g-score", this.data.target(i)));
    caption.title = `sound: ${this.data.target(i)}`;
    tile.append(caption);
    return tile;
  }
};

// A method's name with its mark; source and sound have none.
AdisGallery.name = (label, method) => {
  const name = AdisGallery.element("span", method ? `method ${method.tone}` : "method plain");
  if (method) {
    const dot = AdisGallery.element("span", "dot");
    dot.setAttribute("aria-hidden", "true");
    name.append(dot);
  }
  name.append(AdisGallery.element("span", "g-label", label));
  return name;
};
