// The page as a whole: clock, sending, and what differs between Mechanical Turk, our own server and the preview.

const SEND_LIMIT_MS = 20000; // long for a few hundred bytes on a bad line; then pressing again is better than waiting
const READ_KEY = "adis-bench-study-read";
const query = new URLSearchParams(location.search);
const mode = document.body.dataset.mode;
const onTurk = mode === "mturk" || mode === "question";
const assignment = query.get("assignmentId") || "";
const locked = onTurk && (!assignment || assignment === "ASSIGNMENT_ID_NOT_AVAILABLE");

// Seconds for which the page was in sight, from its first showing.
function clock() {
  let total = 0;
  let since = null;
  function tick() {
    const now = performance.now();
    if (since !== null) total += now - since;
    since = document.visibilityState === "visible" ? now : null;
    return total / 1000;
  }
  document.addEventListener("visibilitychange", tick);
  tick();
  return tick;
}

function remembered(write) {
  try {
    if (write) localStorage.setItem(READ_KEY, "yes");
    return localStorage.getItem(READ_KEY) === "yes";
  } catch (error) {
    return false; // a frame without storage: the instructions open each time
  }
}

async function post(form, item) {
  const stop = new AbortController();
  const timer = setTimeout(function () { stop.abort(); }, SEND_LIMIT_MS);
  const lost = "Not saved: the study's server can't be reached. Your ranking is still here; check your connection and press the button again.";
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), signal: stop.signal });
    if (answer.ok) return location.assign(answer.redirected ? answer.url : location.href);
    // The server's own page says what is wrong; sent the plain way, it is shown.
    if (answer.status < 500) return form.submit();
  } catch (error) {
    // Told below, as are failures of the server.
  } finally {
    clearTimeout(timer);
  }
  item.refresh("");
  item.say(lost, true);
  return undefined;
}

function show(form, item) {
  const shown = item.root.querySelector(".sent");
  const fields = Array.from(new FormData(form)).map(function (pair) { return pair[0] + " = " + pair[1]; });
  shown.textContent = fields.join("\n");
  shown.hidden = false;
  item.refresh("");
  item.say("Nothing was sent. The fields below are what would be.");
}

function send(form, item) {
  if (mode === "server") post(form, item);
  else if (mode === "preview") show(form, item);
  else if (typeof form.submit === "function") form.submit();
  else document.querySelector("crowd-button").click();
}

function start(form) {
  const item = makeItem(form.querySelector(".item"), locked);
  const seconds = clock();
  const field = function (name) { return form.querySelector("[name='" + name + "']"); };

  function ready() {
    const problem = item.problem();
    if (problem) {
      item.say(problem + ".", true);
      item.focusMissing();
      return false;
    }
    field("seconds").value = seconds().toFixed(1);
    if (field("assignmentId")) field("assignmentId").value = assignment;
    return true;
  }

  function go() {
    if (item.busy() || !ready()) return;
    remembered(true);
    item.refresh("Sending …");
    if (onTurk) setTimeout(function () { item.refresh(""); }, SEND_LIMIT_MS);
    send(form, item);
  }

  item.button.addEventListener("click", go);
  // Also where something else than the button sends: the crowd element's own ways, an extension of the browser.
  if (mode === "mturk") form.onsubmit = function (event) { if (!item.busy() && !ready()) event.preventDefault(); };
  else form.addEventListener("submit", function (event) { event.preventDefault(); go(); });
  // Back from the browser's memory the page must not say that it is still sending.
  window.addEventListener("pageshow", function (event) { if (event.persisted) item.refresh(""); });
}

function begin() {
  for (const button of document.querySelectorAll(".check-sound")) soundCheck(button);
  for (const notice of document.querySelectorAll(".locked")) notice.hidden = !locked;
  const intro = document.querySelector(".intro");
  if (intro && onTurk && !locked && remembered(false)) intro.open = false;
  for (const form of document.querySelectorAll(".send")) start(form);
  document.documentElement.classList.add("ready");
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
else begin();
