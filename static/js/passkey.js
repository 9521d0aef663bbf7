// Lets the browser make or use a passkey when the form is sent; puts it into the form.
// What is told stands in the page: data-passkey-says is "unable" or "failed".
(() => {
  const place = document.querySelector("[data-passkey]");
  const form = place.querySelector("form");
  const options = JSON.parse(document.getElementById("passkey-options").textContent);
  const say = (word) => {
    for (const told of document.querySelectorAll("[data-passkey-says]")) {
      told.hidden = told.dataset.passkeySays !== word;
    }
  };
  if (!webauthnJSON.supported()) return say("unable");
  place.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    say("");
    try {
      const made = await webauthnJSON[place.dataset.passkey](options);
      form.elements.credential.value = JSON.stringify(made);
      form.submit();
    } catch {
      say("failed");
    }
  });
})();
