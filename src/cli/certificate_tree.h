/* A flat list of certificates to the order in which a tree is drawn. */
#ifndef GW_CLI_CERTIFICATE_TREE_H
#define GW_CLI_CERTIFICATE_TREE_H

#include "cli/output/json.h"

#define TREE_NONE SIZE_MAX

struct tree_node {
	size_t item;   /* index in the list */
	size_t parent; /* index in the list of its issuer, or TREE_NONE: it stands at the top */
};

/*
 * As many nodes as `items` has (API certificates, any order): each one comes behind its parent, siblings in the order
 * of the list. A certificate whose issuer is not in the list, is itself, or would close a circle, stands at the top.
 * NULL without memory. Returned: free().
 */
struct tree_node *tree_order(const json_t *items);

#endif
