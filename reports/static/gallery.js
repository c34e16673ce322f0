"use strict";
// Wires the gallery: form, list, the large view, sounds, and the page's address. Without scripts, examples stand in the page.
(() => {
  const app = document.getElementById("gallery-app");
  if (!app) return;
  document.documentElement.classList.add("g-on");
  // On a phone the pairs come first; the choices are a tap away.
  document.getElementById("gallery-tools").open = !matchMedia("(max-width: 40rem)").matches;
  addEventListener("beforeprint", () => {
    for (const image of document.querySelectorAll(".g-static img")) image.loading = "eager";
  });

  const byId = (id) => document.getElementById(id);
  const form = byId("gallery-form");
  const message = byId("gallery-message");
  const status = byId("gallery-status");
  const player = byId("gallery-player");
  let data, list, dialog, state;
  let arranged = {places: [], unscored: 0};
  let looked = -1;
  let linked = false;

  const begin = () => {
    data = new AdisGallery.Data(JSON.parse(byId("gallery-data").textContent));
    list = new AdisGallery.List(data, byId("gallery-scroller"), byId("gallery-items"));
    dialog = new AdisGallery.Dialog(data, byId("gallery-dialog"), {go, closed});
    fillForm();
    form.hidden = false;
    app.classList.remove("g-waiting");
    restore(location.hash, true);
    // So that going back to the entry that the page began with restores it, whatever anchor it has.
    history.replaceState({gallery: location.hash}, "");
  };

  // ---- the address
  let late = 0;
  const commit = (push, extra) => {
    clearTimeout(late);
    const fragment = AdisGallery.toFragment(data, state);
    if (fragment === (location.hash.includes("=") ? location.hash : "")) return;
    history[push ? "pushState" : "replaceState"]({...history.state, opened: undefined, ...extra, gallery: fragment}, "", location.href.split("#")[0] + fragment);
  };
  // Browsers refuse to be told of every key stroke.
  const commitLater = (extra) => {
    clearTimeout(late);
    late = setTimeout(() => commit(false, extra), 200);
  };

  const view = (of) => AdisGallery.toFragment(data, {...of, pair: ""});

  const restore = (fragment, first) => {
    const found = AdisGallery.fromFragment(data, fragment);
    const named = found ?? {state: data.defaults(), unknown: []};
    const before = first ? null : view(state);
    state = named.state;
    const part = data.length < data.total ? ` (it shows ${data.length.toLocaleString("en")} of ${AdisGallery.count(data.total, "pair")})` : "";
    message.textContent = named.unknown.length ? `The link names what this report does not have${part}: ${named.unknown.join(", ")}.` : "";
    tellForm();
    // Coming back from a pair leaves the list where it was.
    if (view(state) !== before) arrange(false);
    linked = first && Boolean(state.pair);
    if (state.pair) open(data.placeOfId.get(state.pair));
    else dialog.close();
    if (first && found && fragment.length > 1) byId("gallery").scrollIntoView({behavior: "instant"});
  };

  addEventListener("popstate", (event) => {
    if (!data) return;
    clearTimeout(late);
    const known = event.state?.gallery;
    if (known === undefined && !location.hash.includes("=")) return;
    restore(known ?? location.hash, false);
    // A link of this page to a pair: closing the pair leads back to the link.
    if (known === undefined) history.replaceState({gallery: location.hash, opened: true}, "");
  });

  // ---- the list
  const arrange = (keepPlace) => {
    arranged = AdisGallery.arrange(data, state);
    list.show(arranged.places, state, keepPlace);
    tell();
  };

  const tell = () => {
    const n = arranged.places.length;
    const by = state.minus ? `the difference ${state.by} ${AdisGallery.MINUS} ${state.minus}` : state.by;
    const order = state.by ? `, ${state.up ? "lowest" : "highest"} ${state.metric} of ${by} first` : "";
    const last = arranged.unscored ? ` ${AdisGallery.count(arranged.unscored, "pair")} without that score ${arranged.unscored === 1 ? "comes" : "come"} last.` : "";
    status.textContent = n ? `Showing ${n.toLocaleString("en")} of ${AdisGallery.count(data.length, "pair")}${order}.${last}` : "No pair fits this choice.";
  };

  // ---- the form
  const options = (select, first, names, words) => {
    select.replaceChildren(...(first === null ? [] : [new Option(first, "")]), ...names.map((name) => new Option(words?.(name) ?? name, name)));
  };

  const fillForm = () => {
    const labels = data.methods.map((method) => method.label);
    const classes = (column) => [...new Set(column.map((place) => data.classes[place]))].sort();
    const failing = (name) => data.metrics[data.placeOfMetric.get(name)].failure;
    options(form.elements.metric, null, data.metrics.map((metric) => metric.name), (name) => (failing(name) ? `${name} \u26a0 fails its check` : name));
    options(form.elements.by, "the pair list", labels);
    options(form.elements.minus, "nothing", labels);
    options(form.elements.source, "all classes", classes(data.sources));
    options(form.elements.target, "all classes", classes(data.targets));
    byId("gallery-methods").append(...data.methods.map((method) => {
      const label = AdisGallery.element("label", "chip");
      const box = document.createElement("input");
      box.type = "checkbox";
      box.name = "method";
      box.value = method.label;
      label.append(box, AdisGallery.name(method.label, method));
      return label;
    }));
    for (const name of ["metric", "by", "minus"]) form.elements[name].closest("label").hidden = !data.metrics.length;
    form.elements.order.closest("label").hidden = !data.metrics.length;
  };

  const boxes = () => [...form.querySelectorAll("input[name=method]")];

  const tellForm = () => {
    for (const name of ["metric", "by", "minus", "source", "target", "text"]) form.elements[name].value = state[name];
    form.elements.order.value = state.up ? "lowest" : "highest";
    for (const box of boxes()) box.checked = state.methods.includes(box.value);
    form.elements.minus.disabled = form.elements.order.disabled = !state.by;
  };

  const readForm = () => {
    for (const name of ["metric", "by", "minus", "source", "target", "text"]) state[name] = form.elements[name].value;
    if (!state.by) state.minus = "";
    state.up = form.elements.order.value === "lowest";
    state.methods = boxes().filter((box) => box.checked).map((box) => box.value);
  };

  const apply = (name) => {
    readForm();
    tellForm();
    arrange(name === "method" || (name === "metric" && !state.by));
    if (name === "text") commitLater();
    else commit(true);
  };

  let typing = 0;
  form.elements.text.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => apply("text"), 120);
  });
  form.addEventListener("change", (event) => {
    if (event.target.name !== "text") apply(event.target.name);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  byId("gallery-reset").addEventListener("click", () => {
    state = data.defaults();
    message.textContent = "";
    tellForm();
    arrange(false);
    commit(true);
  });

  // ---- one pair
  const open = (i) => {
    looked = i;
    player.pause();
    dialog.show(i, state, list.placeOf.get(i) ?? -1, arranged.places.length);
  };

  const go = (step) => {
    const n = arranged.places.length;
    if (!n) return;
    const place = list.placeOf.get(looked);
    const next = arranged.places[place === undefined ? 0 : Math.min(n - 1, Math.max(0, place + step))];
    if (next === looked) return;
    state.pair = data.ids[next];
    open(next);
    commitLater({opened: history.state?.opened});
  };

  const closed = () => {
    if (state.pair) {
      // The reader closed it; else the browser's back button did.
      state.pair = "";
      clearTimeout(late);
      if (history.state?.opened) history.back();
      else commit(false);
    }
    const active = document.activeElement;
    // When a link opened the pair with the page, nothing had the focus before: the browser leaves it in what it no longer shows.
    const within = active === document.body || byId("gallery-scroller").contains(active) || (linked && byId("gallery-dialog").contains(active));
    if (within && looked >= 0) list.reveal(looked, true);
    looked = -1;
    linked = false;
  };

  byId("gallery-items").addEventListener("click", (event) => {
    const i = Number(event.target.closest("[data-pair]")?.dataset.pair);
    const play = event.target.closest(".g-play");
    if (play) return toggle(Number(play.dataset.sound));
    if (!event.target.closest(".g-open, .g-pic") || Number.isNaN(i)) return undefined;
    dialog.chosen = event.target.closest("[data-method]")?.dataset.method ?? dialog.chosen;
    state.pair = data.ids[i];
    commit(true, {opened: true});
    return open(i);
  });

  // ---- sounds: one at a time, loaded on click only
  const toggle = (sound) => {
    if (list.playing === sound) return player.pause();
    player.src = data.sounds[sound][0];
    list.setPlaying(sound);
    return player.play().catch(() => null);
  };
  for (const name of ["pause", "ended", "error"]) {
    player.addEventListener(name, () => {
      // The pause of a sound that another one replaced comes late.
      if (player.paused || player.ended || player.error) list.setPlaying(-1);
    });
  }
  player.addEventListener("error", () => {
    if (player.getAttribute("src")) status.textContent = "The sound cannot be loaded; the folder \u201cmedia\u201d belongs beside this page.";
  });
  document.addEventListener("play", (event) => {
    for (const other of document.querySelectorAll("audio")) if (other !== event.target) other.pause();
  }, true);

  // ---- a link to what is seen
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      commit(false, {opened: history.state?.opened});
      const told = byId(button.dataset.copy);
      try {
        await navigator.clipboard.writeText(location.href);
        told.textContent = "Link copied.";
      } catch {
        told.textContent = `Copying is not allowed here; the link is in the address bar: ${location.hash || location.href}`;
      }
    });
  }

  // After the page has been painted: a table does not wait for thousands of pairs.
  const whenIdle = () => (window.requestIdleCallback ? requestIdleCallback(begin, {timeout: 1000}) : setTimeout(begin, 50));
  if (document.readyState === "complete") whenIdle();
  else addEventListener("load", whenIdle, {once: true});
})();
