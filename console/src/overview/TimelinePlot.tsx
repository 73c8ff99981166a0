import {useLayoutEffect, useRef, useState} from 'react';
import {useNavigate} from 'react-router-dom';
import {useI18n} from '../i18n';
import type {Span, Timeline, TimelineBar} from './timelineLayout';

const ROW = 30;
const BAR = 16;
const TOP = 26;
const TICK = 60;
const LABEL_WIDE = 230;
const LABEL_NARROW = 120;

/** One row a certificate, a line for today. The table beside it says the same in words. */
export function TimelinePlot({timeline, years}: {timeline: Timeline; years: Span}) {
	const {t, tn} = useI18n();
	const box = useRef<HTMLDivElement>(null);
	const [width, setWidth] = useState(0);
	useLayoutEffect(() => {
		const element = box.current;
		if (!element) return undefined;
		const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
		observer.observe(element);
		return () => observer.disconnect();
	}, []);
	const label = width < 600 ? LABEL_NARROW : LABEL_WIDE;
	const height = TOP + timeline.bars.length * ROW + 6;
	const x = (percent: number) => label + (percent / 100) * Math.max(0, width - label - 4);
	const tickText = (time: Date) => (years === 10 ? String(time.getFullYear()) : new Intl.DateTimeFormat(document.documentElement.lang, {month: 'short', year: '2-digit'}).format(time));
	return (
		<div ref={box} className="gw-timeline">
			{width > 0 && (
				<svg width={width} height={height} role="group" aria-label={t('timeline.title')}>
					{ticksThatFit(timeline.ticks, x, width).map((tick) => (
						<g key={tick.at} aria-hidden="true">
							<line x1={x(tick.at)} x2={x(tick.at)} y1={TOP - 4} y2={height} className="gw-tick" />
							<text x={x(tick.at)} y={TOP - 10} className="gw-tick-text">{tickText(tick.time)}</text>
						</g>
					))}
					{timeline.bars.map((bar, i) => (
						<Bar key={bar.item.certificate} bar={bar} y={TOP + i * ROW} x={x} label={label} />
					))}
					<line x1={x(timeline.today)} x2={x(timeline.today)} y1={TOP - 4} y2={height} className="gw-today" aria-hidden="true" />
				</svg>
			)}
			<p className="gw-legend">
				<span className="gw-key gw-bar-root" />{t('kind.root')} <span className="gw-key gw-bar-intermediate" />{t('kind.intermediate')}{' '}
				<span className="gw-key gw-bar-end-entity" />{t('kind.end-entity')} <span className="gw-key gw-bar-soon" />{tn('timeline.soon', 30)}{' '}
				<span className="gw-key gw-key-today" />{t('timeline.today')}
			</p>
		</div>
	);
}

/** Those whose words stand beside each other, and inside of the picture. */
function ticksThatFit(ticks: Timeline['ticks'], x: (percent: number) => number, width: number): Timeline['ticks'] {
	let free = 0;
	return ticks.filter((tick) => {
		const at = x(tick.at);
		if (at < free || at >= width - TICK / 2) return false;
		free = at + TICK;
		return true;
	});
}

interface BarProps {
	bar: TimelineBar;
	y: number;
	x: (percent: number) => number;
	label: number;
}

function Bar({bar, y, x, label}: BarProps) {
	const {t, date} = useI18n();
	const navigate = useNavigate();
	const {item} = bar;
	const to = `/certificates/${item.certificate}`;
	const text = item.gateways.length > 0 ? `${item.display_name} · ${item.gateways.join(', ')}` : item.display_name;
	// begins with what is seen, so that who speaks it to the browser is understood
	const name = `${text}, ${t(`kind.${item.kind}`)}, ${t('certificates.until', {date: date(item.not_after)})}`;
	const top = y + (ROW - BAR) / 2;
	return (
		<a
			href={to}
			aria-label={name}
			className="gw-bar"
			onClick={(event) => {
				event.preventDefault();
				navigate(to);
			}}
		>
			<title>{name}</title>
			<rect x={0} y={y} width="100%" height={ROW} className="gw-bar-row" />
			<text x={4} y={top + BAR - 4} className="gw-bar-text">{shortened(text, label)}</text>
			<rect x={x(bar.from)} y={top} width={Math.max(2, x(bar.to) - x(bar.from))} height={BAR} rx={3} className={`gw-bar-${bar.isSoon ? 'soon' : item.kind}`} />
			{bar.isBeyond && <path d={`M${x(100) - 9} ${top + 3} l5 5 l-5 5`} className="gw-beyond" />}
			{bar.chainEnds !== null && <line x1={x(bar.chainEnds)} x2={x(bar.chainEnds)} y1={top - 4} y2={top + BAR + 4} className="gw-chain-end"><title>{t('timeline.chainEnds', {date: date(item.chain_ends_at)})}</title></line>}
		</a>
	);
}

function shortened(text: string, width: number): string {
	const n = Math.floor((width - 30) / 7.5);
	return text.length > n ? `${text.slice(0, n - 1)}…` : text;
}
