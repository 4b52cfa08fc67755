"use strict";

/* What both pages need of the service: requests with the key where one is wanted, streams, words. */

const $ = id => document.getElementById(id);

const KEY = "slipway-key";

/* The address that the service told where it was started brings its key along; it leaves the address at once. */
if (location.hash.startsWith("#key=")) {
  sessionStorage.setItem(KEY, decodeURIComponent(location.hash.slice(5)));
  history.replaceState(null, "", location.pathname + location.search);
}

/** A request; where the service wants a key it is asked for, once for this tab, and the request repeated. */
async function api(path, options = {}) {
  for (;;) {
    const key = sessionStorage.getItem(KEY);
    const headers = {...options.headers};
    if (key) headers.Authorization = `Bearer ${key}`;
    const answer = await fetch(path, {...options, headers});
    if (answer.status !== 401) return answer;
    if (!await askKey(key ? "This key is not accepted." : "", path === "/v1/feedback")) return answer;
  }
}

/** What is served, as /v1/models tells it; null where it can't tell now: the page says so, and `again` is called before long. */
async function served(again, failed = () => {}) {
  try {
    const answer = await api("/v1/models");
    if (answer.status === 503) {
      const error = await answer.json();
      state("loading", error.error.code === "service_loading" ? "loading" : "stopping");
      setTimeout(again, 1000);
      return null;
    }
    if (!answer.ok) throw new Error((await answer.json()).error.message);
    return (await answer.json()).data;
  } catch (e) {
    state("failed", "not reachable");
    failed(e);
    setTimeout(again, 3000);
    return null;
  }
}

let asking = null;

const KEY_DIALOG = `
<dialog id="keyDialog" aria-labelledby="keyTitle">
  <form id="keyForm">
    <h2 id="keyTitle">This service wants a key</h2>
    <p id="keyWhy" hidden>What you say of an answer is stored. The service told the key for it where it was started.</p>
    <p id="keyError" class="error" role="alert" hidden></p>
    <label for="key">Key</label>
    <input type="password" id="key" autocomplete="off" required>
    <p class="help">It is kept in this tab alone, until you close it.</p>
    <div class="row">
      <button type="submit" class="go">Go on</button>
      <button type="button" id="keyLeave" class="quiet" hidden>Leave it</button>
    </div>
  </form>
</dialog>`;

/** Whether there is one now; only where it is for `stored` things may a person go on without. */
function askKey(message, stored) {
  if (asking) return asking;
  if (!$("keyDialog")) document.body.insertAdjacentHTML("beforeend", KEY_DIALOG);
  const dialog = $("keyDialog");
  $("keyError").textContent = message;
  $("keyError").hidden = !message;
  $("keyWhy").hidden = $("keyLeave").hidden = !stored;
  asking = new Promise(resolve => {
    const form = $("keyForm");
    const end = given => {
      $("key").value = "";
      form.onsubmit = dialog.oncancel = $("keyLeave").onclick = null;
      dialog.close();
      asking = null;
      resolve(given);
    };
    form.onsubmit = event => {
      event.preventDefault();
      const key = $("key").value.trim();
      if (!key) return;
      sessionStorage.setItem(KEY, key);
      end(true);
    };
    dialog.oncancel = event => {
      event.preventDefault();
      if (stored) end(false);
    };
    $("keyLeave").onclick = () => end(false);
    if (!dialog.open) dialog.showModal();
    $("key").focus();
  });
  return asking;
}

function post(path, body, signal) {
  return api(path, {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body), signal});
}

/** The documents of a stream of server-sent events. */
async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const {value, done} = await reader.read();
    if (done) return;
    rest += value;
    let end;
    while ((end = rest.indexOf("\n\n")) >= 0) {
      const data = rest.slice(6, end);
      rest = rest.slice(end + 2);
      if (data === "[DONE]") return;
      yield JSON.parse(data);
    }
  }
}

function sentence(message) {
  const first = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(first) ? first : first + ".";
}

function state(name, words) {
  $("state").dataset.state = name;
  $("state").textContent = words;
}

function fail(message) {
  $("error").textContent = message;
  $("error").hidden = !message;
}
