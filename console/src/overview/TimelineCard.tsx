import {Card, CardBody, CardHeader, CardTitle, ToggleGroup, ToggleGroupItem} from '@patternfly/react-core';
import {useState} from 'react';
import type {TimelineItem} from '../api/types';
import {useI18n} from '../i18n';
import {SOON_DAYS} from '../parts/Labels';
import {TimelinePlot} from './TimelinePlot';
import {TimelineTable} from './TimelineTable';
import {timelineLayout, type Span} from './timelineLayout';

const SPANS: Span[] = [1, 2, 10];
const ORDER = {root: 0, intermediate: 1, 'end-entity': 2};

interface TimelineCardProps {
	items: TimelineItem[];
	/** Of what is in use; those are shown that end first. */
	total: number;
	now: string;
}

/** What expires when: as a picture, or the same as a table. */
export function TimelineCard({items, total, now}: TimelineCardProps) {
	const {t, tn} = useI18n();
	const [years, setYears] = useState<Span>(2);
	const [isTable, setTable] = useState(false);
	const inUse = items.filter((item) => item.kind === 'end-entity').length;
	const sorted = [...items].sort((a, b) => ORDER[a.kind] - ORDER[b.kind] || a.not_after.localeCompare(b.not_after));
	return (
		<Card component="section">
			<CardHeader
				actions={{
					hasNoOffset: true,
					actions: (
						<>
							{!isTable && (
								<ToggleGroup aria-label={t('timeline.span')} isCompact>
									{SPANS.map((span) => (
										<ToggleGroupItem key={span} buttonId={`span-${span}`} text={tn('timeline.years', span)} isSelected={years === span} onChange={() => setYears(span)} />
									))}
								</ToggleGroup>
							)}
							<ToggleGroup aria-label={t('timeline.as')} isCompact>
								<ToggleGroupItem buttonId="as-picture" text={t('timeline.picture')} isSelected={!isTable} onChange={() => setTable(false)} />
								<ToggleGroupItem buttonId="as-table" text={t('timeline.table')} isSelected={isTable} onChange={() => setTable(true)} />
							</ToggleGroup>
						</>
					),
				}}
			>
				<CardTitle component="h2">{t('timeline.title')}</CardTitle>
			</CardHeader>
			<CardBody>{isTable ? <TimelineTable items={sorted} /> : <TimelinePlot timeline={timelineLayout(sorted, new Date(now), years, SOON_DAYS)} years={years} />}{total > inUse && <p className="gw-subtle gw-gap-above">{t('timeline.first', {n: inUse, total})}</p>}</CardBody>
		</Card>
	);
}
