// Dragging of images onto places, by pointer events: mouse, pen and fingers.

const SLACK_PX = 6; // a press that moves less is a click
const HOLD_MS = 180; // a finger that rests so long on a picture takes it; one that moves earlier scrolls the page

function makeDraggable(root, allowed, dropped) {
  let press = null; // {piece, slot, x, y, id, since, timer, moved, ghost}

  function placeAt(x, y) {
    const under = document.elementFromPoint(x, y);
    if (!under || !root.contains(under)) return null;
    const place = under.closest(".place");
    if (place || !under.closest(".bar")) return place;
    // In the bar, but between two places: a fingertip is wider than a gap.
    const gap = function (each) {
      const box = each.getBoundingClientRect();
      return Math.hypot(Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom));
    };
    const near = Array.from(root.querySelectorAll(".place")).sort(function (a, b) { return gap(a) - gap(b); })[0];
    return gap(near) < 24 ? near : null;
  }

  function lift() {
    if (!press || press.ghost) return;
    const picture = press.piece.querySelector("img");
    const side = Math.min(picture.getBoundingClientRect().width, 88);
    press.ghost = picture.cloneNode();
    press.ghost.className = "ghost";
    press.ghost.alt = "";
    press.ghost.style.width = press.ghost.style.height = side + "px";
    press.half = side / 2;
    document.body.append(press.ghost);
    root.classList.add("dragging");
    press.piece.classList.add("lifted");
    follow(press.x, press.y);
  }

  function follow(x, y) {
    press.ghost.style.transform = "translate(" + (x - press.half) + "px," + (y - press.half) + "px)";
    const over = placeAt(x, y);
    for (const place of root.querySelectorAll(".place")) place.classList.toggle("over", place === over);
  }

  function end() {
    if (!press) return;
    clearTimeout(press.timer);
    if (press.ghost) press.ghost.remove();
    root.classList.remove("dragging");
    press.piece.classList.remove("lifted");
    for (const place of root.querySelectorAll(".over")) place.classList.remove("over");
    press = null;
  }

  root.addEventListener("pointerdown", function (event) {
    const piece = event.target.closest("[data-piece]");
    if (!piece || event.button !== 0 || !event.isPrimary || !allowed()) return;
    end();
    press = { piece: piece, slot: piece.dataset.piece, x: event.clientX, y: event.clientY, id: event.pointerId, since: event.timeStamp, touch: event.pointerType === "touch" };
    // The small pictures in the bar don't scroll the page, so that they may be taken at once.
    press.waits = press.touch && !piece.closest(".place");
    if (press.waits) press.timer = setTimeout(lift, HOLD_MS);
  });
  document.addEventListener("pointermove", function (event) {
    if (!press || event.pointerId !== press.id) return;
    const far = Math.hypot(event.clientX - press.x, event.clientY - press.y) > SLACK_PX;
    press.moved = press.moved || far;
    if (!press.ghost && far) {
      // By the finger's own times: on a busy phone the timer is late.
      if (press.waits && event.timeStamp - press.since < HOLD_MS) return end();
      lift();
    }
    if (press.ghost) follow(event.clientX, event.clientY);
  });
  document.addEventListener("pointerup", function (event) {
    if (!press || event.pointerId !== press.id) return;
    const taken = press;
    const place = taken.ghost ? placeAt(event.clientX, event.clientY) : null;
    end();
    if (!taken.ghost || !taken.moved) return; // a finger that only rested has dragged nothing: its click counts
    // The click that follows the drop is none.
    const swallow = function (click) { click.stopPropagation(); click.preventDefault(); };
    document.addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(function () { document.removeEventListener("click", swallow, { capture: true }); }, 0);
    dropped(taken.slot, place ? Number(place.dataset.rank) : 0, Boolean(taken.piece.closest(".place")));
  });
  document.addEventListener("pointercancel", end);
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") end(); });
  // Not passive: while an image is in the hand the page must not scroll beneath it.
  root.addEventListener("touchmove", function (event) { if (press && press.ghost && event.cancelable) event.preventDefault(); }, { passive: false });
  root.addEventListener("contextmenu", function (event) { if (press && press.touch) event.preventDefault(); });
  root.addEventListener("dragstart", function (event) { event.preventDefault(); });
}
