// The little that pages can't do by themselves. Everything works without it, only less quickly.

// "/" goes to the search, Escape leaves it.
addEventListener("keydown", (event) => {
  const search = document.querySelector("[type=search]");
  const isTyping = event.target.closest?.("input, textarea, select");
  if (search && event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.key === "Escape" && event.target === search) {
    search.blur();
  }
});

// Copy what a button names, and say so.
addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copies]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).innerText.trim());
  button.textContent = button.dataset.done;
});

// Print the page.
addEventListener("click", (event) => {
  if (event.target.closest?.("[data-prints]")) print();
});

// One box ticks all others of a name. Without scripts it would do nothing, so it is not shown.
for (const all of document.querySelectorAll("[data-ticks]")) {
  all.closest("label").hidden = false;
  all.addEventListener("change", () => {
    for (const box of document.getElementsByName(all.dataset.ticks)) box.checked = all.checked;
  });
}

// A page that answers a form has the address of what it made, so that loading it again sends nothing again.
const made = document.querySelector("[data-address]");
if (made) history.replaceState(null, "", made.dataset.address);
