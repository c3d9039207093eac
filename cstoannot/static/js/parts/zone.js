/**
 * Tells the server the browser's time zone, by a cookie. A page that was rendered before the server
 * knew it is loaded once more, unless it answered a form or has a message, which comes only once.
 */

const KEPT = 31_536_000; // seconds

const told = () => /(?:^|;\s*)zone=([^;]*)/.exec(document.cookie)?.[1];

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && told() !== zone) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `zone=${zone}; Path=/; Max-Age=${KEPT}; SameSite=Lax${secure}`;
  const mayRepeat = document.body.dataset.method === "GET" && !document.querySelector(".messages");
  // Where cookies are refused the page stays in UTC, which it says.
  if (told() === zone && mayRepeat && document.querySelector("time.moment")) location.reload();
}
