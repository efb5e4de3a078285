"use strict";
// The proposal from what was seen. Its text is of clients too, so it is text here, and never markup.
async function showProposal() {
  try {
    const found = await get("/propose");
    $("proposal").replaceChildren(
      make("p", {}, `From ${found.requests} requests.${found.report ? "" : " No route has mode: report, so nothing new is seen."}`),
      ...found.overflow.map((note) => make("p", { class: "warn" }, note)),
      diffBlock(found.text), copyButtons({ proposal: found.text }));
  } catch (error) {
    $("proposal").replaceChildren(make("p", { class: "warn" }, error.message));
  }
}
$("propose-now").addEventListener("click", showProposal);
