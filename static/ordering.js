// Dragging: what the buttons do, for a mouse. The whole order is sent as one form, as the buttons send one move.
"use strict";

const list = document.querySelector("[data-order]");
const form = document.querySelector("#order");
let dragged = null;

const items = (of) => [...of.children].filter((each) => each.dataset.code);
const inner = (group) => group.querySelector(":scope > ol");

for (const item of list ? list.querySelectorAll("[data-code]") : []) {
  item.draggable = true;
  item.addEventListener("dragstart", (event) => {
    event.stopPropagation();
    dragged = item;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", item.dataset.code);
    item.classList.add("is-dragged");
  });
  item.addEventListener("dragend", () => {
    document.querySelectorAll(".is-over, .is-dragged").forEach((each) => each.classList.remove("is-over", "is-dragged"));
    dragged = null;
  });
  item.addEventListener("dragover", (event) => {
    if (!dragged || dragged === item || dragged.contains(item)) return;
    if ("group" in dragged.dataset && item.parentElement !== list) return;
    event.preventDefault();
    event.stopPropagation();
    document.querySelectorAll(".is-over").forEach((each) => each.classList.remove("is-over"));
    item.classList.add("is-over");
  });
  item.addEventListener("drop", (event) => {
    if (!dragged || dragged === item || dragged.contains(item)) return;
    event.preventDefault();
    event.stopPropagation();
    const box = item.querySelector(".order-item").getBoundingClientRect();
    const isLow = event.clientY > box.top + box.height / 2;
    if ("group" in item.dataset && !("group" in dragged.dataset) && isLow) {
      inner(item).prepend(dragged);
    } else {
      item[isLow ? "after" : "before"](dragged);
    }
    send();
  });
}

function send() {
  const order = items(list).map((top) => ["" + top.dataset.code, "group" in top.dataset ? items(inner(top)).map((each) => each.dataset.code) : []]);
  for (const [name, value] of [["order", JSON.stringify(order)], ["item", dragged.dataset.code]]) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    form.append(field);
  }
  document.querySelector("#moved").textContent = "Moved; saving the order.";
  form.requestSubmit();
}
