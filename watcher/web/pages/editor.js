// A template is shown on an invitation as it is typed: by the same rendering that its form asks for. Comfort, never need.
"use strict";

{
  const PAUSE = 400;
  const form = document.querySelector("[data-editor]");
  const text = form.querySelector("textarea");
  const part = (name) => form.querySelector(`[data-${name}]`);
  const made = (tag, words) => Object.assign(document.createElement(tag), { textContent: words });

  // ---- line numbers: a copy of the text lies behind the field, line by line, and wraps as the field does

  function draw(faulty) {
    const lines = text.value.replace(/\n+$/, "").split("\n").map((words, at) => {
      const line = document.createElement("div");
      line.id = `line-${at + 1}`;
      line.className = faulty.includes(at + 1) ? "line faulty" : "line";
      line.append(made("span", words));
      return line;
    });
    part("mirror").replaceChildren(...lines);
    part("copied")?.toggleAttribute("hidden", !text.value.includes("{# copied from "));
  }

  function goTo(line) {
    const lines = text.value.split("\n");
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    text.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
    if (!text.autofocus) text.focus(); // else the browser does that, and complains where it was done before
    requestAnimationFrame(() => document.getElementById(`line-${line}`)?.scrollIntoView({ block: "center" }));
  }

  form.addEventListener("click", (event) => {
    const place = event.target.closest('a[href^="#line-"]');
    if (!place) return;
    event.preventDefault();
    goTo(Number(place.hash.slice("#line-".length)));
  });

  // ---- what came of a trial

  function remark(one) {
    const item = document.createElement("li");
    if (one.line) {
      const place = made("a", `Line ${one.line}`);
      place.href = `#line-${one.line}`;
      item.append(place, ": ");
    }
    item.append(one.what);
    if (one.remedy) item.append(Object.assign(made("span", `→ ${one.remedy}`), { className: "remedy" }));
    return item;
  }

  function show({ reads, remarks }) {
    const errors = remarks.filter((one) => one.error);
    const box = part("remarks");
    part("notice")?.remove();
    box.removeAttribute("role"); // told by the line of status: this box changes with every few letters
    box.hidden = remarks.length === 0;
    box.className = errors.length ? "remarks wrong" : "remarks look";
    box.querySelector("ul").replaceChildren(...remarks.map(remark));
    text.setAttribute("aria-invalid", String(errors.length > 0));
    part("reads").hidden = !reads;
    part("unread").hidden = Boolean(reads);
    if (reads) {
      part("subject").textContent = reads.subject;
      part("letter").textContent = reads.text;
      part("to").textContent = reads.to;
      part("to-line").hidden = !reads.to;
    }
    draw(errors.map((one) => one.line));
    const first = errors[0];
    part("status").textContent = first ? (first.line ? `An error in line ${first.line}` : "An error") : "As you type";
  }

  // ---- one question at a time: what is typed meanwhile is asked when the answer is there

  let waits, isAsking, isStale;

  async function ask() {
    if (isAsking) return void (isStale = true);
    isAsking = true;
    isStale = false;
    try {
      const asked = text.value;
      const answer = await fetch(form.dataset.live, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      if (!answer.ok) throw new Error(answer.status === 403 ? "this page is out of date: load it anew" : "not just now");
      const told = await answer.json();
      if (asked === text.value) show(told);
    } catch (error) {
      part("status").textContent = `No preview: ${error instanceof TypeError ? "nobody answers" : error.message}`;
    } finally {
      isAsking = false;
      if (isStale) ask();
    }
  }

  const soon = () => {
    clearTimeout(waits);
    waits = setTimeout(ask, PAUSE);
  };

  text.addEventListener("input", () => {
    draw([]);
    soon();
  });
  part("for").addEventListener("change", ask);

  // ---- words that are not saved

  let isSending = false;
  const opened = text.defaultValue;
  form.addEventListener("submit", () => (isSending = true));
  addEventListener("beforeunload", (event) => {
    if ((text.value !== opened || "unsaved" in form.dataset) && !isSending) event.preventDefault();
  });

  if (text.dataset.faulty) goTo(Number(text.dataset.faulty));
  text.autofocus = false;
}
