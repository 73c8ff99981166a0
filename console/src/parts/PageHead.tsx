import {Breadcrumb, BreadcrumbItem, Content, Flex, FlexItem, PageSection, Title} from '@patternfly/react-core';
import {useEffect, useRef, type ReactNode} from 'react';
import {Link} from 'react-router-dom';
import {useI18n} from '../i18n';

interface PageHeadProps {
	title: string;
	lead?: ReactNode;
	actions?: ReactNode;
	/** The pages above, as [text, address]. */
	above?: [string, string][];
}

/** Heading of a page: its title, which also names the window and takes the focus, one sentence, and what can be done. */
export function PageHead({title, lead, actions, above = []}: PageHeadProps) {
	const {t} = useI18n();
	const heading = useRef<HTMLHeadingElement>(null);
	useEffect(() => {
		document.title = `${title} · Gatewright`;
	}, [title]);
	useEffect(() => heading.current?.focus(), []);
	return (
		<PageSection hasBodyWrapper={false}>
			{above.length > 0 && (
				<Breadcrumb aria-label={t('common.breadcrumb')} className="gw-breadcrumb">
					{above.map(([text, to]) => (
						<BreadcrumbItem key={to} render={({className}) => <Link className={className} to={to}>{text}</Link>} />
					))}
					<BreadcrumbItem isActive>{title}</BreadcrumbItem>
				</Breadcrumb>
			)}
			<Flex justifyContent={{default: 'justifyContentSpaceBetween'}} alignItems={{default: 'alignItemsFlexStart'}}>
				<FlexItem grow={{default: 'grow'}} className="gw-head-text">
					<Title headingLevel="h1" ref={heading} tabIndex={-1} className="gw-heading">{title}</Title>
					{lead && <Content component="p" className="gw-lead">{lead}</Content>}
				</FlexItem>
				{actions && <FlexItem><Flex gap={{default: 'gapSm'}}>{actions}</Flex></FlexItem>}
			</Flex>
		</PageSection>
	);
}
