/* SPDX-License-Identifier: MIT */
/* Intrusive doubly linked lists with a head node.  The caller's lock guards them. */
#ifndef CW_LIST_H
#define CW_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* A list head, or the node that an element embeds. */
struct cw_list {
	struct cw_list *next;
	struct cw_list *prev;
};

/* The structure that holds @pointer as its @member. */
#define cw_container_of(pointer, type, member)                                                     \
	((type *)(void *)((char *)(pointer) - offsetof(type, member)))

static inline void cw_list_init(struct cw_list *head)
{
	head->next = head;
	head->prev = head;
}

static inline bool cw_list_is_empty(const struct cw_list *head)
{
	return head->next == head;
}

static inline void cw_list_insert(struct cw_list *node, struct cw_list *prev, struct cw_list *next)
{
	node->next = next;
	node->prev = prev;
	prev->next = node;
	next->prev = node;
}

/* Insert @node first. */
static inline void cw_list_add(struct cw_list *head, struct cw_list *node)
{
	cw_list_insert(node, head, head->next);
}

/* Insert @node last. */
static inline void cw_list_add_tail(struct cw_list *head, struct cw_list *node)
{
	cw_list_insert(node, head->prev, head);
}

/* Take @node out; it becomes a list of its own, so a second call does no harm. */
static inline void cw_list_del(struct cw_list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	cw_list_init(node);
}

/* Move all elements of @from to the end of @head. */
static inline void cw_list_splice_tail(struct cw_list *head, struct cw_list *from)
{
	if (cw_list_is_empty(from))
		return;
	from->next->prev = head->prev;
	head->prev->next = from->next;
	from->prev->next = head;
	head->prev = from->prev;
	cw_list_init(from);
}

/* Take the first node out, or NULL. */
static inline struct cw_list *cw_list_pop(struct cw_list *head)
{
	struct cw_list *node = head->next;

	if (node == head)
		return NULL;
	cw_list_del(node);
	return node;
}

/* Walk the nodes; the body must not take @node out of the list. */
#define cw_list_for_each(node, head)                                                               \
	for (struct cw_list *node = (head)->next; (node) != (head); (node) = (node)->next)

/* Walk the nodes; the body may take @node out of the list. */
#define cw_list_for_each_safe(node, after, head)                                                   \
	for (struct cw_list *node = (head)->next, *after = (node)->next; (node) != (head);         \
	     (node) = (after), (after) = (node)->next)

#endif
