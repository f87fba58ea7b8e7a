// The picture or video of a new creative, sent to the account's library with its progress, beside how the ad will look.
// The file goes straight to the API; the form carries what Meta calls it in a hidden field.
import { createElement as h, useEffect, useRef, useState } from "react";

const LARGEST = { image: 16, video: 100 }; // megabytes
const text = (form, name) => (form ? String(new FormData(form).get(name) || "") : "");
const chosen = (form, name) => form?.elements.namedItem(name)?.selectedOptions?.[0]?.textContent || "";

export function AdDraft({ account, texts }) {
  const box = useRef(null);
  const call = useRef(null);
  const [media, setMedia] = useState(null);
  const [local, setLocal] = useState("");
  const [sent, setSent] = useState(null); // percent while it is on its way
  const [note, setNote] = useState("");
  const [, redraw] = useState(0);

  useEffect(() => {
    const form = box.current.closest("form");
    const again = () => redraw((n) => n + 1);
    form.addEventListener("input", again);
    again();
    return () => { form.removeEventListener("input", again); call.current?.abort(); };
  }, []);
  useEffect(() => () => { if (local) URL.revokeObjectURL(local); }, [local]);

  const ready = async (found) => {
    for (let left = 90; left && !found.ready; left -= 1) {
      setNote(texts.processing);
      await new Promise((go) => { setTimeout(go, 2000); });
      const answer = await fetch(`/api/meta/media/videos/${found.videoId}?accountId=${account}`);
      const body = await answer.json();
      if (!answer.ok) return setNote(body.details?.fields?.[0]?.message || body.error);
      found = body;
    }
    setMedia(found);
    setNote(found.ready ? texts.ready : texts.processing);
  };

  const send = (event) => {
    const [file] = event.target.files;
    call.current?.abort();
    setMedia(null); setNote(""); setSent(null); setLocal("");
    if (!file) return;
    const most = file.type.startsWith("video/") ? LARGEST.video : LARGEST.image;
    if (file.size > most * 2 ** 20) return setNote(texts.large.replace("{most}", most));
    if (file.type.startsWith("image/")) setLocal(URL.createObjectURL(file));
    const http = new XMLHttpRequest();
    call.current = http;
    http.open("POST", `/api/meta/media?accountId=${account}&name=${encodeURIComponent(file.name)}`);
    http.setRequestHeader("Accept-Language", document.documentElement.lang);
    http.setRequestHeader("Content-Type", "application/octet-stream");
    http.upload.onprogress = (step) => { if (step.lengthComputable) setSent(Math.round((step.loaded * 100) / step.total)); };
    http.onerror = () => { setSent(null); setNote(texts.failed); };
    http.onload = () => {
      setSent(null);
      let body = {};
      try { body = JSON.parse(http.responseText); } catch { /* no answer of ours */ }
      if (http.status === 201) ready(body);
      else { setLocal(""); setNote(body.details?.fields?.[0]?.message || body.error || texts.failed); }
    };
    setSent(0);
    http.send(file);
  };

  const form = box.current?.closest("form");
  const picture = local || media?.url;
  return h("div", { ref: box, className: "draft" },
    h("div", { className: "field" },
      h("label", { htmlFor: "media-file" }, texts.file),
      h("input", { id: "media-file", type: "file", className: "input", accept: "image/png,image/jpeg,image/gif,video/mp4,video/quicktime", onChange: send, "aria-describedby": "media-note" }),
      h("input", { type: "hidden", name: "media", value: media?.ready ? JSON.stringify(media) : "", readOnly: true }),
      sent === null ? null : h("progress", { max: 100, value: sent, "aria-label": texts.sending }),
      h("span", { id: "media-note", className: media ? "hint" : "wrong", role: "status" }, note)),
    h("figure", { className: "ad-look", "aria-label": texts.look },
      h("figcaption", null, h("b", null, chosen(form, "page")), h("small", null, texts.sponsored)),
      h("p", null, text(form, "message") || texts.message),
      picture ? h("img", { src: picture, alt: "" }) : h("div", { className: "thumb" }),
      h("footer", null,
        h("div", null, h("b", null, text(form, "headline") || texts.headline), h("small", null, text(form, "description"))),
        chosen(form, "action") ? h("span", { className: "pill" }, chosen(form, "action")) : null)));
}
