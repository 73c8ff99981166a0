/** Whether somebody is there. A page that nobody looks after does not ask the server for news, so that its session can end. */
const AWAY_MS = 5 * 60 * 1000;
let last = Date.now();

for (const kind of ['pointerdown', 'keydown', 'wheel']) window.addEventListener(kind, () => (last = Date.now()), {capture: true, passive: true});

export function isSomebodyThere(): boolean {
	return !document.hidden && Date.now() - last < AWAY_MS;
}
