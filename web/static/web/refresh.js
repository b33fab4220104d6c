/* Parts of a page that follow a form: an element with data-refresh-from is filled
   anew with what that address answers to the fields named in data-refresh-fields,
   whenever one of them changes. Without this script a button does the same. */
"use strict";

// what somebody has opened stays open
const fill = (part, html) => {
  const opened = [...part.querySelectorAll("details")].map((one) => one.open);
  part.innerHTML = html;
  part.querySelectorAll("details").forEach((one, i) => { one.open = Boolean(opened[i]); });
};

for (const part of document.querySelectorAll("[data-refresh-from]")) {
  const form = document.getElementById(part.dataset.refreshForm);
  const names = new Set(part.dataset.refreshFields.split(" "));
  let waiting = 0;
  let running = null;

  const refresh = async () => {
    running?.abort();
    running = new AbortController();
    const sent = new FormData();
    for (const [name, value] of new FormData(form)) {
      if (names.has(name)) sent.append(name, value);
    }
    try {
      const answer = await fetch(part.dataset.refreshFrom, {
        method: "POST", body: sent, signal: running.signal, redirect: "error",
      });
      if (answer.ok) fill(part, await answer.text());
    } catch (error) {
      if (error.name !== "AbortError") part.dataset.stale = "";
    }
  };

  const changed = (event) => {
    if (event.target.form !== form || !names.has(event.target.name)) return;
    clearTimeout(waiting);
    waiting = setTimeout(refresh, 250);
  };
  document.addEventListener("input", changed);
  document.addEventListener("change", changed);
}
