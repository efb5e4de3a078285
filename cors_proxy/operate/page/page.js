"use strict";
// Shows all at once when the first answers are there: nothing moves after that.
async function begin() {
  choose(false);
  await Promise.all([showPolicy(), readRefusals()]);
  await poll();
  $("main").hidden = false;
  if (location.hash.length > 1) $(location.hash.slice(1))?.scrollIntoView();
  follow();
}
begin();
