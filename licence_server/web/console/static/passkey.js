// Hands a page's question about a passkey to the browser, and sends the answer as a form. The server judges it.

const form = document.querySelector("form[data-passkey]");
const said = form.querySelector("[role=alert]");

async function answer() {
  said.hidden = true;
  const known = window.PublicKeyCredential;
  if (!known?.parseRequestOptionsFromJSON) throw new DOMException("", "NotSupportedError");
  const question = JSON.parse(form.dataset.options);
  const credential = form.dataset.passkey === "create"
    ? await navigator.credentials.create({ publicKey: known.parseCreationOptionsFromJSON(question) })
    : await navigator.credentials.get({ publicKey: known.parseRequestOptionsFromJSON(question) });
  form.elements.credential.value = JSON.stringify(credential.toJSON());
  form.submit();
}

// Each refusal of the browser's has its sentence in the page, under the name that the specification gives it.
function say(error) {
  const sentence = form.querySelector(`[data-error=${error.name}]`) ?? form.querySelector("[data-error=other]");
  said.textContent = sentence.content.textContent.trim();
  said.hidden = false;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  answer().catch(say);
});
if ("atOnce" in form.dataset) answer().catch(say);
